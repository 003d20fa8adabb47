import type { Fields } from '../change/types.ts'
import { fault, type Fault } from '../codes.ts'
import { capacityOf, dailyEnergyOf, staleAfterMs, type Factors } from '../energy/capacity.ts'
import { parseSourceId, type SourceType } from '../energy/source-id.ts'
import type { RecordId } from '../identity.ts'
import { measuredAheadMsMax, nameLengthMax, sourceIdLengthMax } from '../limits.ts'
import type { Left } from '../ledger/outcomes.ts'
import { putSource } from '../ledger/sources.ts'
import type { Source } from '../ledger/source.ts'
import type { TrustState } from '../ledger/trust-state.ts'
import { isTestFederation } from '../policy.ts'
import { named, trustKind, type Judging, type RecordKind } from './kind.ts'
import {
  amount,
  amountOrZero,
  digest,
  flag,
  instant,
  integer,
  optional,
  ratio,
  reference,
  text,
  type Schema,
} from './schema.ts'

const dayMs = 86_400_000

const base = {
  source: text(sourceIdLengthMax),
  measuredAt: instant,
  method: text(nameLengthMax),
  /** 1 for what the society measured itself (its transcript's digest follows), 0 for a claim. */
  assurance: integer(0, 1),
  evidence: optional(digest),
  poweredBy: optional(text(sourceIdLengthMax)),
  simulated: optional(flag),
  /** Retirement by which the society that claimed the source before gave it up. */
  released: optional(reference('energy.retire')),
  /** Site in tenths of a degree, north and east positive. */
  latitude: optional(integer(-900, 900)),
  longitude: optional(integer(-1800, 1800)),
}

const factors = {
  solar: {
    rated: amount,
    degradation: optional(integer(500_000, 1_000_000)),
    output: optional(amountOrZero),
  },
  compute: {
    tdp: amount,
    idle: optional(amountOrZero),
    utilisation: optional(ratio),
    model: optional(text(nameLengthMax)),
  },
  grid: { allocated: amount, peakFactor: optional(ratio) },
  human: {
    metabolic: optional(integer(50_000, 200_000)),
    hours: optional(integer(1, dayMs)),
  },
  battery: { dischargeRate: amount, stored: amount },
  wind: { rated: amount, factor: optional(ratio) },
} as const satisfies Record<SourceType, Schema>

/** Names of the factors that a type of source is proven with. */
export const factorNames: Readonly<Record<SourceType, readonly string[]>> = {
  solar: Object.keys(factors.solar),
  compute: Object.keys(factors.compute),
  grid: Object.keys(factors.grid),
  human: Object.keys(factors.human),
  battery: Object.keys(factors.battery),
  wind: Object.keys(factors.wind),
}

type Proof = Factors & {
  readonly source: string
  readonly measuredAt: number
  readonly method: string
  readonly assurance: number
  readonly evidence: string | undefined
  readonly poweredBy: string | undefined
  readonly simulated: boolean | undefined
  readonly released: RecordId | undefined
  readonly latitude: number | undefined
  readonly longitude: number | undefined
}

const typeOf = (source: string): SourceType => source.slice(0, source.indexOf(':')) as SourceType

function shapeFault(proof: Proof): Fault | null {
  for (const id of [proof.source, proof.poweredBy]) {
    if (id === undefined) continue
    const parts = parseSourceId(id)
    if ('code' in parts) return parts
  }
  if (proof.poweredBy === proof.source) {
    return fault('invalid-source', 'a source cannot power itself')
  }
  if ((proof.idle ?? 0) > (proof.tdp ?? Infinity)) {
    return fault('malformed', 'idle watts exceed the TDP')
  }
  if (proof.assurance > 0 && proof.evidence === undefined) {
    return fault('malformed', 'a measured proof needs the digest of its transcript')
  }
  if ((proof.latitude === undefined) !== (proof.longitude === undefined)) {
    return fault('malformed', 'a site has latitude and longitude')
  }
  return null
}

/** Whether the chain of `poweredBy` links from a source leads back to it. */
function powersItself(state: TrustState, source: string, poweredBy: string): boolean {
  let next: string | null | undefined = poweredBy
  for (let steps = 0; next !== null && next !== undefined; steps++) {
    if (next === source || steps > state.sources.size) return true
    next = state.sources.get(next)?.poweredBy
  }
  return false
}

/** What is wrong with the retirement that a proof names. */
function releaseFault(proof: Proof, judging: Judging): Fault | null {
  if (proof.released === undefined) return null
  return named(judging, proof.released, 'retirement').outcome.source === proof.source
    ? null
    : fault('unknown-reference', 'the retirement is of another source', proof.released)
}

/**
 * What occupies a source from before this society claimed it: what the holder before left, where
 * that gave it up after this society did, if it ever had it. Its own charges it knows itself.
 */
function inheritedBy(state: TrustState, proof: Proof, judging: Judging): readonly Left[] {
  const before = state.sources.get(proof.source)
  const release =
    proof.released === undefined ? undefined : named(judging, proof.released, 'retirement')
  const takesOver =
    release !== undefined &&
    release.author !== judging.author &&
    (before === undefined || (before.retiredAt !== null && before.retiredAt <= release.time))
  const left = takesOver ? release.outcome.left : (before?.inherited ?? [])
  return left.filter(({ until }) => until >= judging.time)
}

function check(state: TrustState, proof: Proof, judging: Judging): Fault | null {
  const { time } = judging
  const unreleased = releaseFault(proof, judging)
  if (unreleased !== null) return unreleased
  if (proof.poweredBy !== undefined && !state.sources.has(proof.poweredBy)) {
    return fault('unknown-reference', `no source ${proof.poweredBy} of this society`)
  }
  if (proof.simulated === true && !isTestFederation(state.founding?.federation ?? '')) {
    return fault('not-authorised', 'simulated devices prove nothing outside test federations')
  }
  if (proof.measuredAt > time + measuredAheadMsMax) {
    return fault('proof-from-future', 'the measurement is dated more than 120 s ahead')
  }
  if (time - proof.measuredAt >= staleAfterMs[typeOf(proof.source)]) {
    return fault('proof-stale', 'the measurement is too old for this type of source')
  }
  if (proof.poweredBy !== undefined && powersItself(state, proof.source, proof.poweredBy)) {
    return fault('invalid-source', 'sources must not power each other in a circle')
  }
  return null
}

function sourceOf(state: TrustState, proof: Proof, judging: Judging): Source {
  const type = typeOf(proof.source)
  const before = state.sources.get(proof.source)
  const held = before !== undefined && before.retired === null && judging.time < before.staleAt
  const { latitude, longitude } = proof
  return {
    id: proof.source,
    type,
    proof: judging.id,
    capacity: capacityOf(type, proof),
    measuredAt: proof.measuredAt,
    staleAt: proof.measuredAt + staleAfterMs[type],
    assurance: proof.assurance,
    poweredBy: proof.poweredBy ?? null,
    simulated: proof.simulated ?? false,
    method: proof.method,
    evidence: proof.evidence ?? null,
    site: latitude === undefined || longitude === undefined ? null : { latitude, longitude },
    claimedAt: held ? before.claimedAt : judging.time,
    retired: null,
    retiredAt: null,
    inherited: inheritedBy(state, proof, judging),
  }
}

const rules = {
  shape: (value: object) => shapeFault(value as Proof),
  check: (state: TrustState, value: object, judging: Judging) =>
    check(state, value as Proof, judging),
  apply: (state: TrustState, value: object, judging: Judging) => {
    const proof = value as Proof
    const before = state.sources.get(proof.source)
    const source = sourceOf(state, proof, judging)
    putSource(state, source, 'proven', judging.time)
    return {
      type: 'proof',
      source: source.id,
      capacity: source.capacity,
      measuredAt: source.measuredAt,
      staleAt: source.staleAt,
      assurance: source.assurance,
      inherited: source.inherited,
      unmeasured: before !== undefined && isUnmeasured(before, source),
      poweredBy: source.poweredBy,
      dailyEnergy: dailyEnergyOf(source.type, proof),
      policy: { minimumOccupancyMs: state.policy.minimumOccupancy },
      number: judging.number,
      evidence: source.evidence,
      simulated: source.simulated,
      replaces: before === undefined || before.retired !== null ? null : before.proof,
    } as const
  },
}

type Shown = Pick<Source, 'capacity' | 'measuredAt' | 'evidence'>

/**
 * Whether a proof shows more than the one before it, or the same transcript at a later time,
 * without having been measured since.
 */
export function isUnmeasured(before: Shown, after: Shown): boolean {
  return after.measuredAt > before.measuredAt
    ? after.evidence !== null && after.evidence === before.evidence
    : after.capacity > before.capacity
}

/** Fields of a proof after those of every type, by the type of its source. */
export const factorSchemas: Readonly<Record<SourceType, Schema>> = factors

const kindOfType = (type: SourceType): RecordKind =>
  trustKind('energy.prove', { ...base, ...factors[type] }, rules)

const byType: Readonly<Record<SourceType, RecordKind>> = {
  solar: kindOfType('solar'),
  compute: kindOfType('compute'),
  grid: kindOfType('grid'),
  human: kindOfType('human'),
  battery: kindOfType('battery'),
  wind: kindOfType('wind'),
}

function kindFor(source: unknown): RecordKind | Fault {
  if (typeof source !== 'string') return fault('malformed', 'source is missing')
  const parts = parseSourceId(source)
  return 'code' in parts ? parts : byType[parts.type]
}

/** `energy.prove`: the society can draw so many watts on this source. Fields depend on its type. */
export const energyProve: RecordKind = {
  ...byType.solar,
  schema: base,
  read(fields: Fields) {
    const kind = kindFor(fields.get('source'))
    return 'code' in kind ? { ok: false, fault: kind } : kind.read(fields)
  },
  write(value) {
    const kind = kindFor((value as { source?: unknown }).source)
    return ('code' in kind ? byType.solar : kind).write(value)
  },
}
