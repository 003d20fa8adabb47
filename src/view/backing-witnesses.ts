import { didOf, witnessesForLevel, type RecordId, type WitnessPath } from '../../protocol/index.ts'
import type { Claims, Witnessed } from '../claims/claims.ts'
import type { Transcripts } from '../claims/transcripts.ts'
import { backingProblem, type BackingProblem } from './backing-proof.ts'

/** What one witness says of the proof behind a batch. */
export type WitnessView = {
  readonly society: string
  readonly record: string
  readonly verdict: boolean
  readonly level: number
  /** How its look reached the source; null where it does not tell. */
  readonly path: WitnessPath | null
  readonly samples: number
  /** Whether it counts: a member, chosen as a witness of this proof. */
  readonly counts: boolean
  /** Record with its own transcript; null where that is not here. */
  readonly evidence: string | null
}

/** What is known of witnesses. */
export type WitnessKnowledge = { readonly claims: Claims; readonly transcripts: Transcripts }

/** What witnesses say of a proof of a source, in the order of their ids. */
export async function witnessViews(
  proof: RecordId,
  source: string,
  { claims, transcripts }: WitnessKnowledge,
): Promise<readonly WitnessView[]> {
  const said = claims.attestationsOf(proof)
  if (said.length === 0) return []
  const counting = new Set(claims.witnessesOf(proof).map(({ id }) => id))
  const shown = new Map((await transcripts.of(source)).map(({ of, record }) => [of, record]))
  return said.map(({ witness, id, verdict, level, path, samples }) => ({
    society: didOf(witness),
    record: id,
    verdict,
    level,
    path,
    samples,
    counts: counting.has(id),
    evidence: shown.get(id) ?? null,
  }))
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
  const witnesses = claims.witnessesOf(proof)
  const refuted = witnesses.filter(({ verdict }) => !verdict)
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
