import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { messageOf } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { World } from '../../node/simulate/world.ts'
import { silentLog } from '../../node/silent-log.ts'
import { digestOf, frameChangesBytesMax, recordId } from '../../protocol/index.ts'
import type { ChangesFrame } from '../../protocol/index.ts'
import { createMemoryStore, topicOf } from '../../src/index.ts'
import { framesFrom } from '../../src/ledger/serve.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor, type Signed } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const federation = 'test-x'
const founding = (name: string) => ({ name, federation, adp: 0, witnesses: [] })

/** Shows a frame to one node of a world. */
async function show(world: World, name: string, frame: ChangesFrame): Promise<void> {
  const { handlers } = world.wires.node(name) ?? {}
  await world.settled(
    Promise.resolve(
      handlers?.gossip('rogue', topicOf(federation, frame.actor) ?? '', messageOf(frame)),
    ),
  )
  await world.quiet()
}

/** What a node has of the liar's trust document. */
function held(world: World, name: string, liar: ChainAuthor): string {
  const { trusts } = world.replica(name).states()
  const state = [...trusts].find(({ society }) => society === liar.key)
  return state === undefined ? '' : `${state.chain.seq} ${digestOf(state)}`
}

/** So many changes of some 60 KB; the last names a record. */
function longChanges(liar: ChainAuthor, count: number, named?: string): readonly Signed[] {
  return Array.from({ length: count }, (_, nth) => {
    const note = (at: number): string => `${liar.chain.seq} ${at}`.padEnd(15_000, '.')
    const long = (at: number) =>
      new Map([
        ['kind', 'nothing'],
        ['note', note(at)],
      ])
    const join = recordId(named ?? '', 0)
    const naming = named !== undefined && nth === count - 1
    const last = naming ? [fieldsOf('federation.admit', { society: liar.key, join })] : []
    return liar.write([...[0, 1, 2, 3].map(long), ...last], start)
  })
}

const bytesOf = ({ changes }: ChangesFrame): number =>
  changes.reduce((sum, { length }) => sum + length, 0)

test('frames that overlap leave no more under one signature than one has (R73)', async () => {
  const store = createMemoryStore()
  const clock = new VirtualClock(start)
  const verifier = createVerifier()
  const ledger = await openLedger({ store, verifier, clock, signer: signerOf('reader') })
  const liar = new ChainAuthor('liar', 'trust')
  const friend = new ChainAuthor('friend', 'trust')
  const named = friend.write([fieldsOf('society.found', founding('friend'))], start)
  const first = liar.write([fieldsOf('society.found', founding('liar'))], start)
  await ledger.ingest(first.frame, 'peer')
  const before = [...longChanges(liar, 4, named.hash), ...longChanges(liar, 1)]
  const after = [...before.slice(3), ...longChanges(liar, 3)]
  const frameOf = (signed: readonly Signed[]): ChangesFrame =>
    liar.frame(
      signed.map(({ bytes }) => bytes),
      (signed.at(-1) as Signed).hash,
    )
  expect(await ledger.ingest(frameOf(before), 'peer')).toMatchObject({ accepted: 4 })
  // What was waited for comes together with what goes on from there.
  const frames = [named.frame, frameOf(after)]
  await Promise.all(frames.map((frame) => ledger.ingest(frame, 'peer')))
  expect(ledger.held.trust(liar.key).chain.seq).toBe(9)
  const served = await framesFrom(store, liar.chain.actor, 1, 1e9)
  expect(served.flatMap(({ changes }) => changes)).toHaveLength(9)
  expect(Math.max(...served.map(bytesOf))).toBeLessThanOrEqual(frameChangesBytesMax)
  const tooLong = frameOf([...before, ...after])
  const verdict = { verdict: 'reject', code: 'too-large' }
  expect(await ledger.ingest(tooLong, 'peer')).toMatchObject(verdict)
})

test.each([3, 14])(
  'a fork under one signature, %i changes long, parts no honest nodes (P3, P6)',
  async (length) => {
    const parts = { startMs: start, seed: 1, verifier: createVerifier(), log: silentLog }
    const world = new World({ ...parts, localSigners: new Map() })
    for (const name of ['sage', 'leaf']) {
      const policy = { admission: 'open' }
      await world.add(name, { name, federation, adp: 0, policy, witnesses: [] }, true)
    }
    await world.quiet()
    const liar = new ChainAuthor('liar', 'trust')
    const first = liar.write(
      [fieldsOf('society.found', founding('liar')), fieldsOf('federation.join', { federation })],
      start,
    )
    const fork = liar.chain
    for (const name of ['sage', 'leaf']) await show(world, name, first.frame)
    world.wires.partition([['sage'], ['leaf']])
    for (const name of ['sage', 'leaf']) {
      liar.chain = fork
      const subject = new ChainAuthor(name, 'trust').key
      const parting = liar.write(
        [fieldsOf('trust.observe', { subject, success: true, count: 1 })],
        start,
      )
      const signed = [parting, ...longChanges(liar, length - 1)]
      const last = signed.at(-1)
      if (last === undefined) continue
      const changes = signed.map(({ bytes }) => bytes)
      await show(world, name, liar.frame(changes, last.hash))
    }
    world.wires.heal()
    await world.advance(60_000)
    expect(held(world, 'sage', liar)).toBe(held(world, 'leaf', liar))
  },
)
