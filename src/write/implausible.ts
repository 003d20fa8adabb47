import {
  capacityOf,
  didOf,
  isUnmeasured,
  measuredAheadMsMax,
  parseSourceId,
  staleAfterMs,
  type Factors,
  type RecordId,
} from '../../protocol/index.ts'
import { claimOfProof, sampleOf, type ProofValues } from '../energy/proof-claim.ts'
import { isSameSeries } from '../energy/same-series.ts'
import { Failure } from '../failure.ts'
import type { ProofClaim } from '../ports.ts'
import type { Resolving } from './resolver.ts'

/** The resolved values of a proof that are looked at here; capacity and factors in milli-units. */
export type ResolvedProof = ProofValues &
  Factors & {
    readonly source: string
    readonly measuredAt: number
    readonly evidence: string | undefined
  }

function implausible(message: string, record?: RecordId): never {
  throw new Failure('implausible-proof', message, record === undefined ? {} : { record })
}

/** Refuses to show more, or a later time, than what was measured. */
function refuseUnmeasured(proof: ResolvedProof, capacity: number, resolving: Resolving): void {
  const { held, self, history } = resolving
  const { source, measuredAt, evidence = null } = proof
  const before = held.trust(self).sources.get(source)
  const isReplay = history
    .of(source)
    .some((sample) => evidence !== null && sample.evidence === evidence && sample.at < measuredAt)
  const isUnbacked =
    before !== undefined && isUnmeasured(before, { capacity, measuredAt, evidence })
  if (!isReplay && !isUnbacked) return
  const message =
    before !== undefined && measuredAt <= before.measuredAt
      ? `${source} gives more than its proof of the same measurement shows; measure it again`
      : `this transcript shows an earlier measurement of ${source}; measure it again`
  implausible(message, before?.proof)
}

/** Refuses what was measured at another source: one transcript, or one series, is one device's. */
function refuseTwin(proof: ResolvedProof, claim: ProofClaim, resolving: Resolving): void {
  const { claims, history } = resolving
  const { source, evidence } = proof
  const brought = evidence === undefined ? [] : claims.evidencedBy(evidence)
  const twin = brought.find((each) => each.source !== source)
  if (twin !== undefined) {
    const message = `${didOf(twin.society)} proved ${twin.source} with the same transcript`
    implausible(`${message}; one device is one source`, twin.proof)
  }
  const series = [...claim.history, sampleOf(claim)]
  for (const [other, samples] of history.entries()) {
    if (other === source) continue
    if (evidence !== undefined && samples.some((sample) => sample.evidence === evidence)) {
      implausible(`${other} was proven with the same transcript; one device is one source`)
    }
    if (other.startsWith(`${claim.type}:`) && isSameSeries(series, samples)) {
      implausible(`${source} and ${other} show the same series of readings; retire one of them`)
    }
  }
}

/**
 * Refuses a proof that contradicts physics, its source's own history or another source's: each with
 * `implausible-proof` and the reason. What is too old or too new is left to the rules.
 */
export function refuseImplausible(proof: ResolvedProof, resolving: Resolving): void {
  const { history, readings, plausibility, now } = resolving
  const parts = parseSourceId(proof.source)
  if ('code' in parts) return
  const { type } = parts
  refuseUnmeasured(proof, capacityOf(type, proof), resolving)
  const age = now - proof.measuredAt
  if (age < -measuredAheadMsMax || age >= staleAfterMs[type]) return
  const claim = claimOfProof(proof, readings, history.of(proof.source))
  refuseTwin(proof, claim, resolving)
  const fault = plausibility?.judge(claim)
  if (fault !== undefined && fault !== null) throw new Failure(fault.code, fault.message)
}
