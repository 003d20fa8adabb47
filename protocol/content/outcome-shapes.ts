import type { ChargePolicy, Left, Origin, ReturnedSlice, Slice } from '../ledger/outcomes.ts'
import type { Outcome, OutcomeOf } from '../ledger/outcomes.ts'
import { flag, hash, id, listOf, lotKey, oneOf, orNull } from './shape.ts'
import { record, sum, text, whole, type Shape, type ShapesOf } from './shape.ts'

/** Where ATP comes from. */
export const originShapes: ShapesOf<Origin> = {
  batch: id,
  charger: hash,
  source: text,
  proof: id,
  chargedAt: whole,
  expiresAt: whole,
}

/** The grant by which something is borrowed, and the index there; null for what is owned. */
export const via: Shape = orNull(record<NonNullable<Slice['via']>>({ grant: id, index: whole }))

/** Parts of a source that an earlier holder left occupied. */
export const leftParts: Shape = listOf(record<Left>({ amount: whole, until: whole }))

const slices = listOf(
  record<Slice>({
    ...originShapes,
    lot: lotKey,
    amount: whole,
    owner: hash,
    path: listOf(hash),
    via,
  }),
)

const returned = listOf(
  record<ReturnedSlice>({
    index: whole,
    amount: whole,
    discharged: flag,
    lot: lotKey,
    batch: id,
    via,
  }),
)

const consumed = listOf(record<Origin & { amount: number }>({ ...originShapes, amount: whole }))
const policy = record<ChargePolicy>({ minimumOccupancyMs: whole })

type Shapes = { readonly [T in Outcome['type']]: Omit<ShapesOf<OutcomeOf<T>>, 'type'> }

const trustShapes: Pick<
  Shapes,
  | 'founding'
  | 'proof'
  | 'retirement'
  | 'attestation'
  | 'application'
  | 'join'
  | 'admission'
  | 'report'
  | 'observation'
  | 'bond'
  | 'vouch'
  | 'vouched'
> = {
  founding: { adp: whole, federation: text },
  proof: {
    source: text,
    capacity: whole,
    measuredAt: whole,
    staleAt: whole,
    assurance: whole,
    inherited: leftParts,
    unmeasured: flag,
    poweredBy: orNull(text),
    dailyEnergy: orNull(sum),
    policy,
    number: whole,
    evidence: orNull(hash),
    simulated: flag,
    replaces: orNull(id),
  },
  retirement: { source: text, proof: id, left: leftParts },
  attestation: {
    proof: id,
    prover: hash,
    source: text,
    verdict: flag,
    level: whole,
    evidence: orNull(hash),
  },
  application: { parent: hash },
  join: { federation: text },
  admission: { child: hash, application: id },
  report: { society: hash, document: oneOf('trust', 'pool'), place: whole },
  observation: { subject: hash },
  bond: { sources: listOf(text) },
  vouch: { to: hash, watts: whole, duration: whole },
  vouched: { vouch: id, sponsor: hash, watts: whole, until: whole },
}

const poolShapes: Omit<Shapes, keyof typeof trustShapes> = {
  transcript: { proof: id, digest: hash, source: text },
  charge: { supplies: listOf(id) },
  grant: { to: hash, slices },
  take: { handover: id, whole: orNull(hash) },
  return: { to: hash, grant: id, because: id, slices: returned },
  revoke: { grant: id, to: hash },
  request: {
    to: hash,
    amount: whole,
    urgency: whole,
    efficiency: whole,
    deadline: whole,
    critical: flag,
  },
  ticket: { worker: hash, amount: whole, request: orNull(id), class: orNull(whole) },
  completion: {
    ticket: id,
    worker: hash,
    beneficiary: hash,
    consumed: whole,
    quality: whole,
    slices: consumed,
  },
  offer: { amount: whole, price: whole, to: orNull(hash), expiresAt: whole },
  acceptance: { offer: id, seller: hash, amount: whole, due: whole, offerExpiresAt: whole },
  settlement: { acceptance: id, buyer: hash, amount: whole, due: whole, slices },
  claim: { settlement: id },
  decline: { acceptance: id, buyer: hash },
  cancel: { ended: id },
}

const shapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries({ ...trustShapes, ...poolShapes }).map(([type, fields]) => [
    type,
    record<Readonly<Record<string, unknown>>>({ ...fields, type: oneOf(type) }),
  ]),
)

/** What valid records of a kind come to; kinds that are not here come to nothing. */
const outcomeOfKind: ReadonlyMap<string, Outcome['type']> = new Map([
  ['society.found', 'founding'],
  ['federation.join', 'join'],
  ['equivocation.report', 'report'],
  ['energy.prove', 'proof'],
  ['energy.retire', 'retirement'],
  ['energy.attest', 'attestation'],
  ['energy.evidence', 'transcript'],
  ['citizenship.apply', 'application'],
  ['citizenship.admit', 'admission'],
  ['bond.commit', 'bond'],
  ['vouch.give', 'vouch'],
  ['vouch.accept', 'vouched'],
  ['trust.observe', 'observation'],
  ['atp.charge', 'charge'],
  ['work.request', 'request'],
  ['work.allocate', 'ticket'],
  ['work.complete', 'completion'],
  ['allocation.grant', 'grant'],
  ['allocation.take', 'take'],
  ['allocation.return', 'return'],
  ['allocation.revoke', 'revoke'],
  ['trade.offer', 'offer'],
  ['trade.accept', 'acceptance'],
  ['trade.settle', 'settlement'],
  ['trade.decline', 'decline'],
  ['trade.cancel', 'cancel'],
  ['trade.claim', 'claim'],
])

/** Whether a valid record of a kind may have come to this; undefined for nothing. */
export function isOutcomeOf(kind: string, outcome: unknown): boolean {
  const type = outcomeOfKind.get(kind)
  if (type === undefined) return outcome === undefined
  const { type: given } = (outcome ?? {}) as { readonly type?: unknown }
  return given === type && shapes.get(type)?.(outcome) === true
}
