import type { Origin } from '../../protocol/index.ts'
import { leastBelow } from '../claims/origin-level.ts'
import { Failure } from '../failure.ts'
import type { Refusal, Resolving } from './resolver.ts'

/**
 * What is wrong with ATP that is less surely proven than this society's `acceptAssurance` asks for.
 * A node's own refusal: the records are as valid as ever, and others may take what this one does
 * not.
 */
export async function belowAccepted(
  origins: Iterable<Pick<Origin, 'batch' | 'proof'>>,
  { held, index, claims, self }: Resolving,
): Promise<Refusal> {
  const { acceptAssurance } = held.trust(self).policy
  const below = await leastBelow({ index, claims }, origins, acceptAssurance)
  if (below === undefined) return undefined
  const { level, proof: record } = below
  const message = `charged on a proof of level ${level}; we take ATP from level ${acceptAssurance}`
  return new Failure('unverified-source', message, { record })
}
