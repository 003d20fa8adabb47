import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  actorOf,
  readContent,
  recount,
  type CheckpointContent,
  type DocumentKind,
  type SocietyKey,
} from '../../protocol/index.ts'
import { contentOfWorld } from '../support/content-of-world.ts'
import { effort } from '../support/effort.ts'
import { contentText, ran } from '../support/in-pieces.ts'
import { beginningCount, goOn, numbersOf, play } from '../support/ledger-history.ts'
import { Misuse } from '../support/ledger-replica.ts'
import { histories } from '../support/ledger-step.ts'
import type { LedgerWorld } from '../support/ledger-world.ts'
import { altered } from '../support/content-altered.ts'

/** How many histories are lied about; fifteen times as many with LONG=1. */
const runs = 500

function read(
  text: string,
  kind: DocumentKind,
  society: SocietyKey,
): CheckpointContent | undefined {
  return ran(readContent(new TextEncoder().encode(text), actorOf(kind, society))).value
}

function checkPools(world: LedgerWorld): void {
  for (const society of world.societies) recount(world.replica.pool(society))
}

test(
  'whatever witnesses of a liar sign, what comes after is judged without an error (H7)',
  { timeout: effort.timeoutMs },
  () => {
    const count = { lies: 0, taken: 0, records: 0, valid: 0 }
    fc.assert(
      fc.property(
        fc.nat(beginningCount - 1),
        histories,
        histories,
        fc.integer(),
        (beginning, before, after, seed) => {
          const world = play(beginning, before)
          const draw = numbersOf(seed)
          const liar = world.societies[draw(world.societies.length)] as SocietyKey
          const kind = draw(4) === 0 ? 'trust' : 'pool'
          const honest = contentText(contentOfWorld(world, kind, liar))
          if (read(honest, kind, liar) === undefined) throw new Error('honest content is refused')
          for (let tries = 0; tries < 8; tries++) {
            const lie = altered(honest, draw)
            count.lies += 1
            const content = read(lie, kind, liar)
            if (content === undefined) continue
            count.taken += 1
            const lied = world.copy()
            lied.replica.takeOver(content)
            try {
              goOn(lied, after, () => checkPools(lied))
            } catch (error) {
              // Its own next change does not fit what it had its witnesses sign.
              if (!(error instanceof Misuse || error instanceof RangeError)) throw error
            }
            const records = lied.written.slice(world.written.length).flatMap((each) => each.records)
            count.records += records.length
            count.valid += records.filter((record) => record.void === null).length
          }
        },
      ),
      effort.property(runs),
    )
    effort.tell(JSON.stringify(count))
    expect(count.taken).toBeGreaterThan(runs / 2)
    expect(count.valid).toBeGreaterThan(runs)
  },
)
