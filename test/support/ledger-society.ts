import { encodeSignedHead, headMessage, milli } from '../../protocol/index.ts'
import type { Code, Outcome, OutcomeOf } from '../../protocol/index.ts'
import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { markerSignature } from './ledger-replica.ts'
import { completed, LedgerWorld } from './ledger-world.ts'
import type { Writing } from './ledger-world.ts'

const day = 86_400_000

/** How a society begins: milli-units and wire units; what is left out is a rich test society. */
export type Beginning = {
  readonly adp?: number
  readonly federation?: string
  readonly policy?: Readonly<Record<string, number>>
  readonly witnesses?: readonly SocietyKey[]
}

/** Fields of a founding record. */
export function foundingOf(beginning: Beginning = {}): object {
  const { adp = 10_000 * milli, federation = 'test-rules', policy = {}, witnesses = [] } = beginning
  const values = Object.entries(policy).map(([name, value]) => [`policy.${name}`, value])
  return { name: 'a society', federation, adp, witnesses, ...Object.fromEntries(values) }
}

/** A world in which these societies are founded alike, in that order. */
export function foundedWorld(
  societies: readonly SocietyKey[],
  beginning: Beginning = {},
): LedgerWorld {
  const world = new LedgerWorld(societies)
  for (const society of societies) {
    const founding = world.valid(society, 'society.found', foundingOf(beginning))
    world.valid(society, 'pool.open', { founding })
  }
  return world
}

/** The code that voids a record if it is written now, or null; the world stays as it is. */
export function codeOf(
  world: LedgerWorld,
  by: SocietyKey,
  kind: string,
  value: object,
  writing: Writing = {},
): Code | null {
  return world.copy().put(by, kind, value, writing).void
}

/** Fields of a proof of solar power measured now, unless they say otherwise. */
export function solarProof(world: LedgerWorld, fields: object = {}): object {
  return {
    source: 'solar:test:roof',
    rated: 5_000 * milli,
    measuredAt: world.now,
    method: 'test',
    assurance: 1,
    evidence: '5e'.repeat(32),
    ...fields,
  }
}

/** A charge of a society on its first source, proven anew where it has none. */
export function charged(
  world: LedgerWorld,
  by: SocietyKey,
  amount: number,
  lifetime: number = 7 * day,
): RecordId {
  const [source] = world.replica.trust(by).sources.values()
  const proof = source?.proof ?? world.valid(by, 'energy.prove', solarProof(world))
  return world.valid(by, 'atp.charge', { amount, proof, supplies: [], lifetime })
}

/** Makes one society the child of another; gives the admission. */
export function adopted(world: LedgerWorld, parent: SocietyKey, child: SocietyKey): RecordId {
  const application = world.valid(child, 'citizenship.apply', { parent })
  return world.valid(parent, 'citizenship.admit', { child, application })
}

/** A grant to a child that was adopted, and the child's take of it. */
export function lent(
  world: LedgerWorld,
  by: SocietyKey,
  to: SocietyKey,
  amount: number,
): { readonly grant: RecordId; readonly take: RecordId } {
  const admission = world.replica.trust(by).children.get(to)?.admission
  const grant = world.valid(by, 'allocation.grant', { to, amount, admission })
  return { grant, take: world.valid(to, 'allocation.take', { grant }) }
}

/** Work of a society that is done at once, by another for a third; gives the completion. */
export function worked(
  world: LedgerWorld,
  by: SocietyKey,
  worker: SocietyKey,
  amount: number,
): RecordId {
  const ticket = world.valid(by, 'work.allocate', { amount, worker, deadline: day })
  return world.valid(by, 'work.complete', completed({ ticket, worker, beneficiary: by }))
}

/** A valid record with its outcome. */
export function outcomeOf<T extends Outcome['type']>(
  world: LedgerWorld,
  id: RecordId,
  type: T,
): OutcomeOf<T> {
  const record = world.replica.valid(type).find((each) => each.id === id)
  if (record === undefined) throw new RangeError(`no ${type} ${id}`)
  return record.outcome
}

/** What a society says of where its pool stands; `fields` are what else it says instead. */
export function headOf(world: LedgerWorld, author: SocietyKey, fields: object = {}): Uint8Array {
  const { seq, head: hash } = world.replica.pool(author).chain
  const stands = { author, document: 'pool', seq, hash: hash ?? '', time: world.now } as const
  const head = { ...stands, ...fields }
  return encodeSignedHead({ head, signature: markerSignature(headMessage(head), author) })
}
