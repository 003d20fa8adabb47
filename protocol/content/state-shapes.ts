import type { Chain } from '../change/types.ts'
import { sourceTypes } from '../energy/source-id.ts'
import type { Appointment } from '../ledger/appointment.ts'
import type { Bond, BondEnd, BrokenBond } from '../ledger/bond.ts'
import type { Due } from '../ledger/due.ts'
import type * as Pool from '../ledger/pool-state.ts'
import type { Source } from '../ledger/source.ts'
import type * as Trust from '../ledger/trust-state.ts'
import type { GivenVouch, ReceivedVouch } from '../ledger/vouch.ts'
import { bondSourcesMax, handoverSlicesMax, vouchMsMax } from '../limits.ts'
import { policyNames, policyRules } from '../policy.ts'
import type { Job, JobHistory } from '../trust/jobs.ts'
import type { Tally } from '../trust/tally.ts'
import { leftParts, originShapes, sliceIndex, via } from './outcome-shapes.ts'
import { counterMax } from '../change/columns.ts'
import {
  actor,
  between,
  flag,
  hash,
  id,
  instant,
  listOf,
  lotKey,
  mapOf,
  oneOf,
  orNull,
} from './shape.ts'
import { record, signature, some, sourceId, sum, text, whole } from './shape.ts'
import type { Shape, ShapesOf } from './shape.ts'

/** A value of a map. */
type ValueOf<M> = M extends Map<unknown, infer V> ? V : never

const counter = between(1, counterMax)
const chain = record<Chain>({
  actor,
  document: text,
  seq: counter,
  head: hash,
  nextOperation: counter,
  time: instant,
  root: counter,
  segment: counter,
  count: counter,
})

const tallyShapes: ShapesOf<Tally> = {
  successes: sum,
  failures: sum,
  lastSuccessAt: orNull(instant),
  newest: listOf(id),
}

const lot = record<Pool.Lot>({
  ...originShapes,
  key: lotKey,
  broughtAt: instant,
  owner: hash,
  path: listOf(hash),
  via,
  available: whole,
  reserved: whole,
  escrowed: whole,
  lent: whole,
})
const shares = listOf(record<Pool.Share>({ lot: lotKey, amount: some }))
const ticket = record<Pool.Ticket>({
  id,
  worker: hash,
  amount: whole,
  deadline: instant,
  request: orNull(id),
  allocatedAt: instant,
  number: whole,
  shares,
})
const endedTicket = record<Pool.EndedTicket>({
  id,
  worker: hash,
  amount: whole,
  state: oneOf('completed', 'failed'),
  allocatedAt: instant,
  number: whole,
})
const offer = record<Pool.Offer>({
  id,
  amount: whole,
  price: whole,
  to: orNull(hash),
  service: orNull(text),
  expiresAt: instant,
  shares,
})
const acceptance = record<Pool.Acceptance>({
  id,
  offer: id,
  seller: hash,
  amount: whole,
  due: whole,
  offerExpiresAt: instant,
})
const grant = record<Pool.Grant>({
  id,
  to: hash,
  amounts: listOf(whole, handoverSlicesMax),
  lots: listOf(lotKey, handoverSlicesMax),
  expiresAt: instant,
  vouch: orNull(id),
})
const occupation = record<Pool.Occupation>({
  batch: id,
  sources: listOf(sourceId),
  amount: whole,
  discharged: whole,
  chargedAt: instant,
  expiresAt: instant,
  minimumOver: flag,
  expired: flag,
})
const due = record<Due>({
  at: instant,
  type: oneOf('day', 'grant', 'lot', 'minimum', 'occupation', 'offer', 'ticket'),
  id: text,
})
const waste = record<Pool.Waste>({
  batch: id,
  source: sourceId,
  amount: whole,
  ageMs: whole,
  at: instant,
})
const job = record<Job>({ id, time: instant, good: flag, nth: whole })
const history = record<JobHistory>({
  ...tallyShapes,
  beneficiary: hash,
  worker: hash,
  settled: whole,
  jobs: listOf(job),
})

/** The state of a pool. */
export const poolShape: Shape = record<Pool.PoolState>({
  society: hash,
  chain,
  founding: orNull(id),
  time: instant,
  supply: whole,
  pool: whole,
  adpEscrowed: whole,
  available: whole,
  reserved: whole,
  escrowed: whole,
  lent: whole,
  borrowed: whole,
  wasted: sum,
  completed: whole,
  failed: whole,
  lots: mapOf(lotKey, lot),
  lastLot: orNull(lot),
  tickets: mapOf(id, ticket),
  endedTickets: listOf(endedTicket),
  offers: mapOf(id, offer),
  acceptances: mapOf(id, acceptance),
  grants: mapOf(id, grant),
  occupations: mapOf(id, occupation),
  occupied: mapOf(sourceId, sum),
  dayCharges: mapOf(
    id,
    record<ValueOf<Pool.PoolState['dayCharges']>>({
      sources: listOf(sourceId),
      amount: whole,
    }),
  ),
  chargedToday: mapOf(sourceId, sum),
  due: listOf(due),
  owed: mapOf(id, mapOf(id, mapOf(sliceIndex, some))),
  proofs: mapOf(sourceId, whole),
  credited: mapOf(hash, sum),
  dealings: mapOf(hash, record(tallyShapes)),
  jobs: mapOf(text, history),
  waste: listOf(waste),
  claimedFrom: mapOf(hash, record<ValueOf<Pool.PoolState['claimedFrom']>>({ hash, seq: whole })),
})

const policy = record(
  Object.fromEntries(
    policyNames.map((name) => {
      const { minimum, maximum } = policyRules[name]
      return [name, between(minimum, maximum)]
    }),
  ),
)
const appointment = record<Appointment>({ witnesses: listOf(hash), seq: whole, hash })
const site = record<NonNullable<Source['site']>>({
  latitude: between(-900, 900),
  longitude: between(-1800, 1800),
})
const source = record<Source>({
  id: sourceId,
  type: oneOf(...sourceTypes),
  proof: id,
  capacity: whole,
  measuredAt: instant,
  staleAt: instant,
  assurance: whole,
  poweredBy: orNull(sourceId),
  simulated: flag,
  method: text,
  evidence: orNull(hash),
  site: orNull(site),
  claimedAt: instant,
  retired: orNull(id),
  retiredAt: orNull(instant),
  inherited: leftParts,
})
const draw = record<NonNullable<Trust.Attestation['draw']>>({ by: hash, signature })
const attestation = record<Trust.Attestation>({
  id,
  at: instant,
  verdict: flag,
  level: whole,
  samples: whole,
  path: orNull(oneOf('direct', 'sealed', 'relayed', 'node')),
  evidence: orNull(hash),
  draw: orNull(draw),
  prover: hash,
  provenAt: instant,
  contradicts: orNull(id),
})
const bondEnd = record<BondEnd>({
  state: oneOf('violated', 'fulfilled', 'abandoned'),
  at: instant,
  record: orNull(id),
})
const bond = record<Bond>({
  id,
  sources: listOf(sourceId, bondSourcesMax),
  capacity: sum,
  committedAt: instant,
  until: instant,
  graceMs: whole,
  missingSince: orNull(instant),
  end: orNull(bondEnd),
})
const brokenBond = record<BrokenBond>({
  id,
  society: hash,
  sources: listOf(sourceId, bondSourcesMax),
  committedAt: instant,
  brokenAt: instant,
  how: oneOf('violated', 'abandoned'),
  record: orNull(id),
})
const given = record<GivenVouch>({
  id,
  to: hash,
  watts: some,
  duration: between(1, vouchMsMax),
  givenAt: instant,
})
const received = record<ReceivedVouch>({
  id,
  vouch: id,
  sponsor: hash,
  watts: whole,
  acceptedAt: instant,
  until: instant,
  provenAt: orNull(instant),
})

type Founding = NonNullable<Trust.TrustState['founding']>
type State = Trust.TrustState

/** The state of a trust document. */
export const trustShape: Shape = record<State>({
  society: hash,
  chain,
  time: instant,
  founding: orNull(record<Founding>({ id, name: text, federation: text, adp: whole })),
  policy,
  appointments: listOf(appointment),
  joined: orNull(id),
  joinedAt: orNull(instant),
  admitted: mapOf(hash, record<ValueOf<State['admitted']>>({ join: id, at: instant })),
  nodes: mapOf(text, whole),
  sources: mapOf(sourceId, source),
  attested: mapOf(id, attestation),
  application: orNull(record<Trust.Application>({ id, parent: hash, leftAt: orNull(instant) })),
  children: mapOf(hash, record<ValueOf<State['children']>>({ admission: id, application: id })),
  claims: mapOf(sourceId, record<ValueOf<State['claims']>>({ since: instant, provenAt: instant })),
  observed: mapOf(hash, record(tallyShapes)),
  bond: orNull(bond),
  brokenBonds: mapOf(id, brokenBond),
  given: mapOf(id, given),
  received: mapOf(id, received),
  reports: mapOf(actor, record<ValueOf<State['reports']>>({ id, at: instant, place: whole })),
  checkpoints: mapOf(
    actor,
    record<Trust.CheckpointNoted>({ id, at: instant, seq: whole, hash, digest: hash }),
  ),
})
