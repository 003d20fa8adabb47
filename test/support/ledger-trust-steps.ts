import {
  bytesOfRecordId,
  encodeSignedHead,
  headMessage,
  leftPartsMax,
  milli,
} from '../../protocol/index.ts'
import type { Fields, Scalar, SocietyKey } from '../../protocol/index.ts'
import { markerSignature } from './ledger-replica.ts'
import { amountOf, at, isWild, other, pickOf } from './ledger-step.ts'
import type { Plan, TrustAction } from './ledger-step.ts'
import { completed, fieldsOf, keyNamed } from './ledger-world.ts'

const hour = 3_600_000
const day = 24 * hour

/** Names a society's sources; two of them are no sources of energy themselves. */
const sourcesOf = (index: number): readonly object[] => [
  { source: `solar:test:roof-${index}`, rated: 300 * milli },
  { source: `human:test:ada-${index}`, hours: 2 * hour },
  { source: `grid:test:meter-${index}`, allocated: 200 * milli, peakFactor: 500_000 },
  {
    source: `battery:test:pack-${index}`,
    dischargeRate: 150 * milli,
    stored: 120 * milli,
    poweredBy: `solar:test:roof-${index}`,
  },
  {
    source: `compute:test:card-${index}`,
    tdp: 400 * milli,
    idle: 30 * milli,
    utilisation: 900_000,
    poweredBy: `human:test:ada-${index}`,
  },
]

/** A proof of one of the sources of a society, measured some time ago. */
export function proofOf(index: number, which: number, measuredAt: number, assurance = 1): object {
  const evidence = assurance === 0 ? undefined : 'ab'.repeat(32)
  return { ...at(sourcesOf(index), which), measuredAt, method: 'test', assurance, evidence }
}

const prove: Plan = ({ world }, by, step) => {
  const { replica, societies } = world
  const age = at([0, 0, 0, 1_000, -1_000, hour, day, -121_000], step.share)
  // Now and then what another has given up, or has not.
  const released = step.pick % 5 === 1 ? pickOf(replica.valid('retirement'), step) : undefined
  const owner = isWild(step) ? other(world, by, step.pick) : (released?.author ?? by)
  const which = step.pick % 7 === 0 ? 0 : 1
  const proof = proofOf(societies.indexOf(owner), step.pick >> 3, world.now - age, which)
  if (released === undefined) return ['energy.prove', proof]
  const source = sourceNamed(societies, released.outcome.source)
  return ['energy.prove', { ...proof, ...source, poweredBy: undefined, released: released.id }]
}

/** What a source of that name is proven with. */
function sourceNamed(societies: readonly SocietyKey[], name: string): object {
  const all = societies.flatMap((_, index) => sourcesOf(index)) as { readonly source: string }[]
  const none = { rated: undefined, hours: undefined, allocated: undefined, peakFactor: undefined }
  const more = { dischargeRate: undefined, stored: undefined, tdp: undefined, idle: undefined }
  const found = all.find(({ source }) => source === name) ?? {}
  return { ...none, ...more, utilisation: undefined, ...found }
}

const retire: Plan = ({ world }, by, step) => {
  const source = pickOf([...world.replica.trust(by).sources.keys()], step)
  if (source === undefined) return undefined
  const { occupations } = world.replica.poolAt(by, world.now)
  const left = [...occupations.values()]
    .filter(({ sources, amount, discharged }) => sources.includes(source) && discharged < amount)
    .map(({ amount, discharged, expiresAt }) => ({ amount: amount - discharged, until: expiresAt }))
    .slice(0, leftPartsMax)
  const occupied = left.map(({ amount }) => amount)
  return ['energy.retire', { source, occupied, until: left.map(({ until }) => until) }]
}

const attest: Plan = ({ world }, _by, step) => {
  const proof = pickOf(world.replica.valid('proof'), step)
  if (proof === undefined) return undefined
  const level = at([2, 2, 3, 4], step.share)
  return ['energy.attest', { proof: proof.id, verdict: step.pick % 6 > 0, level, samples: 1 }]
}

const apply: Plan = ({ world }, by, step) => {
  const parent = step.pick % 32 === 0 ? by : other(world, by, step.pick >> 3)
  return ['citizenship.apply', { parent }]
}

const admit: Plan = ({ world }, by, step) => {
  const applications = world.replica.valid('application')
  const mine = applications.filter(({ outcome }) => outcome.parent === by)
  const application = pickOf(isWild(step) ? applications : mine, step)
  if (application === undefined) return undefined
  return ['citizenship.admit', { child: application.author, application: application.id }]
}

const leave: Plan = ({ world, heads }, by, step) => {
  const { seq, head: hash } = world.replica.pool(by).chain
  if (step.pick % 3 === 0 || hash === null) return ['citizenship.leave', {}]
  // One that it has just signed, or any that anybody has signed so far.
  const statement = { author: by, document: 'pool', seq, hash, time: world.now } as const
  const own = { head: statement, signature: markerSignature(headMessage(statement), by) }
  const signed = step.pick % 3 === 1 ? own : (pickOf(heads, step) ?? own)
  return ['citizenship.leave', { head: encodeSignedHead(signed) }]
}

const amend: Plan = (_scene, _by, step) => [
  'society.amend',
  { witnesses: [], 'policy.minimumOccupancy': at([0, 1, hour, 2 * hour], step.pick) },
]

/** No record but a statement: here the pool stands, now, or so the society says. */
const head: Plan = ({ world, heads }, by, step) => {
  const { chain } = world.replica.pool(by)
  if (chain.head === null) return undefined
  const lie = step.pick % 4 === 0 ? at([hour, day, 2 * day], step.share) : 0
  const { seq, head: hash } = chain
  const statement = { author: by, document: 'pool', seq, hash, time: world.now + lie } as const
  heads.push({ head: statement, signature: markerSignature(headMessage(statement), by) })
  return undefined
}

const founding = { name: 'again', federation: 'test-world', adp: 1, witnesses: [] }

const fields = (...entries: readonly (readonly [string, Scalar])[]): Fields => new Map(entries)

/** Records that no honest node would write, each wrong in its own way. */
const wrong: Plan = ({ world }, by, step) => {
  const { replica, written } = world
  const any = at(written, step.pick)
  const inOther = other(world, by, step.pick)
  const lost = bytesOfRecordId(any.records[0]!.id).map((byte, i) => (i === 32 ? 255 : byte))
  const voided = [...replica.records.values()].find((record) => record.void !== null)
  const ticket = pickOf(replica.valid('ticket'), step)?.id
  const proof = at(replica.valid('proof'), step.pick)
  const amount = amountOf(100_000, step)
  const charge = { amount, proof: proof.id, supplies: [], lifetime: day }
  const drafts = [
    fieldsOf('society.found', founding),
    fieldsOf('pool.open', { founding: pickOf(replica.valid('founding'), step)?.id }),
    fieldsOf('atp.charge', charge),
    fieldsOf('atp.charge', { ...charge, lifetime: 31 * day }),
    fieldsOf('atp.charge', { ...charge, amount: 999 }),
    fieldsOf('atp.charge', { ...charge, amount: 2 ** 40 }),
    new Map([...fieldsOf('atp.charge', charge), ['zeal', 1]]),
    fields(['kind', 'atp.mint'], ['amount', 1]),
    fields(['kind', 'trade.settle'], ['acceptance', lost]),
    fields(['kind', 'trade.settle'], ['acceptance', bytesOfRecordId(voided?.id ?? proof.id)]),
    fields(['kind', 'work.fail'], ['ticket', 'not bytes']),
    fieldsOf('work.request', { to: inOther, amount, critical: true }),
    fieldsOf('work.allocate', { amount: 2 ** 50, worker: keyNamed('w'), deadline: day }),
    fieldsOf('trade.offer', { amount: 2 ** 50, price: 1, expires: day }),
    fieldsOf('trade.offer', { amount, price: 1, to: by, expires: day }),
    fieldsOf('allocation.take', {}),
    ...(ticket === undefined
      ? []
      : [fieldsOf('work.complete', completed({ ticket, worker: by, beneficiary: by }))]),
  ]
  return at(drafts, step.pick)
}

/** What steps mean in `trust` documents, and what breaks the rules in either. */
export const trustPlans: Readonly<Record<TrustAction, Plan>> = {
  prove,
  retire,
  attest,
  apply,
  admit,
  leave,
  amend,
  head,
  wrong,
}
