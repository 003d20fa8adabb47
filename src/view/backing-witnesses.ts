import { didOf, witnessesForLevel, type RecordId, type WitnessPath } from '../../protocol/index.ts'
import type { Claims, Witnessed } from '../claims/claims.ts'
import { backingProblem, type BackingProblem } from './backing-problem.ts'

/** What one witness says of the proof behind a batch. */
export type WitnessView = {
  readonly society: string
  readonly record: string
  readonly verdict: boolean
  readonly level: number
  readonly samples: number
  /** How its look reached the source; null where it does not tell. */
  readonly path: WitnessPath | null
  /** SHA-256 of its own transcript, 64 hex digits; null where it has none. */
  readonly evidence: string | null
}

/** Shows what a witness says. */
export function viewWitness(witnessed: Witnessed): WitnessView {
  const { witness, id, verdict, level, samples, path, evidence } = witnessed
  return { society: didOf(witness), record: id, verdict, level, samples, path, evidence }
}

function contradiction({ witness, id, contradicts }: Witnessed): readonly BackingProblem[] {
  if (contradicts === null) return []
  const message = `${didOf(witness)} said the contrary of the same proof before, in ${contradicts}`
  return [backingProblem('implausible-proof', message, id)]
}

/**
 * Contradictions between statements about a proof, each with the record that shows it: a witness
 * that said both, and one whose look does not bear out what the claimant's transcript shows. They
 * are to be seen; by themselves they make nothing unproven, for then any one witness could.
 */
export function contradictions(proof: RecordId, claims: Claims): readonly BackingProblem[] {
  const refuted = claims.witnessesOf(proof).filter(({ verdict }) => !verdict)
  // Enough of them are a problem that counts, and told there.
  const few = refuted.length < witnessesForLevel ? refuted : []
  return [
    ...claims.attestationsOf(proof).flatMap(contradiction),
    ...few.map(({ witness, id }) => {
      const message = `${didOf(witness)} looked itself, and not at what the proof shows`
      return backingProblem('implausible-proof', message, id)
    }),
  ]
}
