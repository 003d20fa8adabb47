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
import { failureOf } from '../ledger/order-of-checks.ts'
import type { ProofClaim } from '../ports.ts'
import type { Refusal, Resolving } from './resolver.ts'

/** The resolved values of a proof that are looked at here; capacity and factors in milli-units. */
export type ResolvedProof = ProofValues &
  Factors & {
    readonly source: string
    readonly measuredAt: number
    readonly evidence: string | undefined
  }

function implausible(message: string, record?: RecordId): Failure {
  return new Failure('implausible-proof', message, record === undefined ? {} : { record })
}

/** A proof must not show more, or a later time, than what was measured. */
function unmeasured(proof: ResolvedProof, capacity: number, resolving: Resolving): Refusal {
  const { held, self, history } = resolving
  const { source, measuredAt, evidence = null } = proof
  const before = held.trust(self).sources.get(source)
  const isReplay = history
    .of(source)
    .some((sample) => evidence !== null && sample.evidence === evidence && sample.at < measuredAt)
  const isUnbacked =
    before !== undefined && isUnmeasured(before, { capacity, measuredAt, evidence })
  if (!isReplay && !isUnbacked) return undefined
  const message =
    before !== undefined && measuredAt <= before.measuredAt
      ? `${source} gives more than its proof of the same measurement shows; measure it again`
      : `this transcript shows an earlier measurement of ${source}; measure it again`
  return implausible(message, before?.proof)
}

/** One transcript, or one series, is one device's: not what was measured at another source. */
function twinOf(proof: ResolvedProof, claim: ProofClaim, resolving: Resolving): Refusal {
  const { claims, history } = resolving
  const { source, evidence } = proof
  const brought = evidence === undefined ? [] : claims.evidencedBy(evidence)
  const twin = brought.find((each) => each.source !== source)
  if (twin !== undefined) {
    const message = `${didOf(twin.society)} proved ${twin.source} with the same transcript`
    return implausible(`${message}; one device is one source`, twin.proof)
  }
  const series = [...claim.history, sampleOf(claim)]
  for (const [other, samples] of history.entries()) {
    if (other === source) continue
    if (evidence !== undefined && samples.some((sample) => sample.evidence === evidence)) {
      return implausible(`${other} was proven with the same transcript; one device is one source`)
    }
    if (other.startsWith(`${claim.type}:`) && isSameSeries(series, samples)) {
      return implausible(
        `${source} and ${other} show the same series of readings; retire one of them`,
      )
    }
  }
  return undefined
}

/**
 * Why a proof contradicts physics, its source's own history or another source's: each with
 * `implausible-proof` and the reason. What is too old or too new is left to the rules.
 */
export function implausibility(proof: ResolvedProof, resolving: Resolving): Refusal {
  const { history, readings, plausibility, now } = resolving
  const parts = parseSourceId(proof.source)
  if ('code' in parts) return undefined
  const { type } = parts
  const grown = unmeasured(proof, capacityOf(type, proof), resolving)
  const age = now - proof.measuredAt
  if (grown !== undefined || age < -measuredAheadMsMax || age >= staleAfterMs[type]) return grown
  const claim = claimOfProof(proof, readings, history.of(proof.source))
  const twin = twinOf(proof, claim, resolving)
  if (twin !== undefined) return twin
  const fault = plausibility?.judge(claim)
  return fault === undefined || fault === null ? undefined : failureOf(fault)
}
