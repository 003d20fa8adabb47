import { assuranceMax, witnessedLevel } from '../claims/assurance.ts'
import { fault } from '../codes.ts'
import { attestedSamplesMax, attestationsKeptMs } from '../limits.ts'
import type { TrustState } from '../ledger/trust-state.ts'
import { named, trustKind, type RecordKind } from './kind.ts'
import { flag, integer, reference } from './schema.ts'

/** Forgets attestations so old that no live ATP can have been charged against their proofs. */
function forgetOld(state: TrustState, time: number): void {
  for (const [proof, { at }] of state.attested) {
    if (time - at <= attestationsKeptMs) break
    state.attested.delete(proof)
  }
}

/**
 * `energy.attest`: another society's proof, checked by this one as a witness. `level` is what its
 * own look at the source bears out: 2 that it answered, 3 its history as well, 4 its maker's key.
 */
export const energyAttest: RecordKind = trustKind(
  'energy.attest',
  {
    proof: reference('energy.prove'),
    /** Whether the witness found what the proof says. */
    verdict: flag,
    level: integer(witnessedLevel, assuranceMax),
    samples: integer(1, attestedSamplesMax),
  },
  {
    check(_state, value, judging) {
      const { author, outcome } = named(judging, value.proof, 'proof')
      if (author === judging.author) {
        return fault('not-authorised', 'a society is no witness of its own proof', value.proof)
      }
      if (judging.time >= outcome.staleAt) {
        return fault('proof-stale', 'the proof is too old to be witnessed', value.proof)
      }
      return outcome.assurance < 1
        ? fault('unverified-source', 'the source is only claimed', value.proof)
        : null
    },
    apply(state, value, judging) {
      const { author: prover, outcome } = named(judging, value.proof, 'proof')
      const { proof, verdict, level, samples } = value
      forgetOld(state, judging.time)
      // The newest word counts, and is the last to be forgotten.
      state.attested.delete(proof)
      state.attested.set(proof, { id: judging.id, at: judging.time, verdict, level, samples })
      return { type: 'attestation', proof, prover, source: outcome.source, verdict, level }
    },
  },
)
