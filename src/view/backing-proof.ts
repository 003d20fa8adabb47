import {
  didOf,
  fromMilli,
  leftAt,
  witnessesForLevel,
  type Code,
  type Lot,
  type Recorded,
  type Source,
} from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'

/** What is missing or contradicted in an answer about backing. */
export type BackingProblem = {
  readonly code: Code
  readonly message: string
  readonly record: string | null
}

/** A problem of backing. */
export const backingProblem = (
  code: Code,
  message: string,
  record: string | null,
): BackingProblem => ({ code, message, record })

/** What proofs are judged by in an answer about backing. */
export type ProofKnowledge = {
  readonly held: DocumentsHeld
  readonly claims: Claims
  readonly now: number
}

function claimProblem(
  lot: Lot,
  source: Source,
  { claims }: ProofKnowledge,
): readonly BackingProblem[] {
  const rival = claims.doubt(lot.charger, source, lot.chargedAt)
  if (rival === undefined) return []
  const { state } = claims.standing(lot.charger, source)
  const code = state === 'beaten' ? 'source-claimed' : 'source-contested'
  const message = `charged while ${didOf(rival.society)} claimed its source as well`
  return [backingProblem(code, message, rival.proof)]
}

/** What an earlier holder's charges occupy beyond what its retirement told. */
function leftProblem(lot: Lot, source: Source, known: ProofKnowledge): readonly BackingProblem[] {
  const left = known.claims.leftBehind(lot.charger, source, known.now)
  if (left === undefined || left.amount <= leftAt(source.inherited, known.now)) return []
  const message = `${fromMilli(left.amount)} ATP of who held its source before still occupy it`
  return [backingProblem('insufficient-capacity', message, left.record)]
}

function witnessProblem(lot: Lot, { claims }: ProofKnowledge): readonly BackingProblem[] {
  const refuted = claims.witnessesOf(lot.proof).filter(({ verdict }) => !verdict)
  return refuted.length < witnessesForLevel
    ? []
    : [backingProblem('implausible-proof', 'witnesses refute its proof', refuted[0]?.id ?? null)]
}

/** What speaks against the proof that a batch was charged against. */
export function proofProblems(
  lot: Lot,
  proof: Recorded | undefined,
  known: ProofKnowledge,
): readonly BackingProblem[] {
  if (proof?.outcome?.type !== 'proof') {
    return [backingProblem('unknown-reference', 'the proof is missing here', lot.proof)]
  }
  const problems: BackingProblem[] = [...witnessProblem(lot, known)]
  if (proof.outcome.grew) {
    const message = 'its capacity grew without a new measurement'
    problems.push(backingProblem('implausible-proof', message, lot.proof))
  }
  const source = known.held.trust(lot.charger).sources.get(lot.source)
  if (source === undefined) return problems
  if (source.retiredAt !== null && source.retiredAt < lot.chargedAt) {
    const message = 'charged after its source was retired'
    problems.push(backingProblem('source-contested', message, source.retired))
  }
  return [...problems, ...claimProblem(lot, source, known), ...leftProblem(lot, source, known)]
}
