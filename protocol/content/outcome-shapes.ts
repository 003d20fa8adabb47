import { millionths } from '../amounts.ts'
import type { ChargePolicy, Left, Origin, ReturnedSlice, Slice } from '../ledger/outcomes.ts'
import type { Outcome, OutcomeOf } from '../ledger/outcomes.ts'
import {
  bondSourcesMax,
  grantDepthMax,
  handoverSlicesMax,
  leftPartsMax,
  priceMax,
  vouchMsMax,
} from '../limits.ts'
import { policyRules } from '../policy.ts'
import { between, flag, hash, id, instant, listOf, lotKey, oneOf, orNull, some } from './shape.ts'
import { record, sourceId, sum, text, whole, type Shape, type ShapesOf } from './shape.ts'

/** Where ATP comes from. */
export const originShapes: ShapesOf<Origin> = {
  batch: id,
  charger: hash,
  source: sourceId,
  proof: id,
  chargedAt: instant,
  expiresAt: instant,
}

/** Place of a slice in its hand-over. */
export const sliceIndex: Shape = between(0, handoverSlicesMax - 1)

/** The grant by which something is borrowed, and the index there; null for what is owned. */
export const via: Shape = orNull(
  record<NonNullable<Slice['via']>>({ grant: id, index: sliceIndex }),
)

/** Parts of a source that an earlier holder left occupied. */
export const leftParts: Shape = listOf(record<Left>({ amount: some, until: instant }), leftPartsMax)

const slices = listOf(
  record<Slice>({
    ...originShapes,
    lot: lotKey,
    amount: some,
    owner: hash,
    path: listOf(hash, grantDepthMax),
    via,
  }),
  handoverSlicesMax,
)

const returned = listOf(
  record<ReturnedSlice>({
    index: sliceIndex,
    amount: some,
    discharged: flag,
    lot: lotKey,
    batch: id,
    via,
  }),
  handoverSlicesMax,
)

const consumed = listOf(record<Origin & { amount: number }>({ ...originShapes, amount: some }))
const policy = record<ChargePolicy>({
  minimumOccupancyMs: between(0, policyRules.minimumOccupancy.maximum),
})

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
    source: sourceId,
    capacity: whole,
    measuredAt: instant,
    staleAt: instant,
    assurance: whole,
    inherited: leftParts,
    unmeasured: flag,
    poweredBy: orNull(sourceId),
    dailyEnergy: orNull(sum),
    policy,
    number: whole,
    evidence: orNull(hash),
    simulated: flag,
    replaces: orNull(id),
  },
  retirement: { source: sourceId, proof: id, left: leftParts },
  attestation: {
    proof: id,
    prover: hash,
    source: sourceId,
    verdict: flag,
    level: whole,
    evidence: orNull(hash),
  },
  application: { parent: hash },
  join: { federation: text },
  admission: { child: hash, application: id },
  report: { society: hash, document: oneOf('trust', 'pool'), place: whole },
  observation: { subject: hash },
  bond: { sources: listOf(sourceId, bondSourcesMax) },
  vouch: { to: hash, watts: some, duration: between(1, vouchMsMax) },
  vouched: { vouch: id, sponsor: hash, watts: some, until: instant },
}

const poolShapes: Omit<Shapes, keyof typeof trustShapes> = {
  transcript: { proof: id, digest: hash, source: sourceId },
  charge: { supplies: listOf(id) },
  grant: { to: hash, slices },
  take: { handover: id, whole: orNull(hash) },
  return: { to: hash, grant: id, because: id, slices: returned },
  revoke: { grant: id, to: hash },
  request: {
    to: hash,
    amount: some,
    urgency: between(0, millionths),
    efficiency: between(0, millionths),
    deadline: instant,
    critical: flag,
  },
  ticket: { worker: hash, amount: some, request: orNull(id), class: orNull(whole) },
  completion: {
    ticket: id,
    worker: hash,
    beneficiary: hash,
    consumed: some,
    quality: between(0, millionths),
    slices: consumed,
  },
  offer: { amount: some, price: between(0, priceMax), to: orNull(hash), expiresAt: instant },
  acceptance: { offer: id, seller: hash, amount: some, due: whole, offerExpiresAt: instant },
  settlement: { acceptance: id, buyer: hash, amount: some, due: whole, slices },
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
