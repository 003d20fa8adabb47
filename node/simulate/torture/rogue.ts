import {
  bytesOfKey,
  bytesOfRecordId,
  integerMax,
  recordKinds,
  type Fields,
  type RecordId,
  type Scalar,
  type SocietyKey,
} from '../../../protocol/index.ts'
import type { SeededRandom } from '../random.ts'
import { pick } from './actions.ts'
import type { Corpus } from './corpus.ts'

/** What a rogue finds to misuse. */
export type Loot = {
  readonly random: SeededRandom
  readonly corpus: Corpus
  /** Ids of records of a kind by anybody, the newest few. */
  readonly recent: (kind: string) => readonly RecordId[]
  readonly societies: readonly SocietyKey[]
  /** Settlements and grants to the rogue itself, on whatever past. */
  readonly handedOver: readonly { readonly id: RecordId; readonly kind: string }[]
}

const kinds: readonly string[] = [...recordKinds.keys()]

const write = (kind: string, value: object): Fields | undefined =>
  recordKinds.get(kind)?.write(value)

/** Claims what is its own on one past or another, as often as it likes. */
function claim({ random, handedOver }: Loot): Fields | undefined {
  const mine = pick(random, handedOver)
  if (mine === undefined) return undefined
  return mine.kind === 'trade.settle'
    ? write('trade.claim', { settlement: mine.id })
    : write('allocation.take', { grant: mine.id })
}

/** Takes its escrow back for reasons that are none. */
function release({ random, recent }: Loot): Fields | undefined {
  const acceptance = pick(random, recent('trade.accept'))
  const because = pick(random, [
    ...recent('equivocation.report'),
    ...recent('trade.settle'),
    ...recent('trade.decline'),
  ])
  return acceptance && because && write('trade.cancel', { acceptance, because })
}

/** Charges against anybody's proof. */
function charge({ random, recent }: Loot): Fields | undefined {
  const proof = pick(random, recent('energy.prove'))
  const amount = Math.floor(random.next() * 200_000)
  return proof && write('atp.charge', { proof, supplies: [], amount, lifetime: 60_000 })
}

/** Another value of the same type: of a limit, of somebody else, or just broken. */
function bent({ random, recent, societies }: Loot, value: Scalar): Scalar {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string')
    return pick(random, [`${value}x`, '', '\u0000', 'x'.repeat(2_000)])!
  if (typeof value === 'number') {
    return pick(random, [0, 1, -1, value + 1, value * 2, Math.floor(value / 2), integerMax])!
  }
  if (value.length === 34) {
    const id = pick(random, recent(pick(random, kinds) ?? ''))
    if (id !== undefined) return bytesOfRecordId(id)
  }
  if (value.length === 32) return bytesOfKey(pick(random, societies) as SocietyKey)
  const other = value.slice(0, Math.max(1, value.length - (random.next() < 1 / 4 ? 1 : 0)))
  const at = Math.floor(random.next() * other.length)
  other[at] = (other[at] ?? 0) ^ (1 << Math.floor(random.next() * 8))
  return other
}

/** A record of any kind as somebody else wrote it, under the rogue's own name, or bent a little. */
function copied(loot: Loot): Fields {
  const { random, corpus } = loot
  const kind = pick(random, kinds) as string
  const fields = new Map<string, Scalar>(
    pick(random, corpus.of(kind)) ?? recordKinds.get(kind)?.write({}) ?? [['kind', kind]],
  )
  const bends = Math.floor(random.next() * 3)
  for (let i = 0; i < bends; i++) {
    const name = pick(random, [...fields.keys()]) as string
    if (name === 'kind') fields.set('unknown', 1)
    else if (random.next() < 1 / 8) fields.delete(name)
    else fields.set(name, bent(loot, fields.get(name) as Scalar))
  }
  return new Map([...fields].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A record that no honest node would write: whatever its rule says, all must come to the same. */
export function rogueFields(loot: Loot): Fields {
  const { random } = loot
  const way = pick(random, [claim, claim, release, charge, copied, copied, copied, copied])
  return way?.(loot) ?? copied(loot)
}
