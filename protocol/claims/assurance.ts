/** Least level of a source that others have witnessed: that they queried it as well. */
export const witnessedLevel = 2
/** Highest level of assurance there is. */
export const assuranceMax = 4
/** Societies whose word makes a level. */
export const witnessesForLevel = 2

/**
 * Level of a proof with what witnesses attest of it: the highest that at least two of them carry.
 * What its own society has not measured stays a claim, whatever others say.
 */
export function attestedLevel(own: number, attested: readonly number[]): number {
  if (own < 1) return own
  const best = [...attested].sort((a, b) => b - a)
  const carried = best[witnessesForLevel - 1] ?? 0
  return Math.max(own, carried)
}
