import { didOf, type Source } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Refusal, Resolving } from './resolver.ts'

/** Who else claims a source of this society, so that it is not this one's alone to use. */
export function contestOf(
  sources: readonly Source[],
  { claims, self }: Pick<Resolving, 'claims' | 'self'>,
): Refusal {
  for (const source of sources) {
    const { state, rival } = claims.standing(self, source)
    if (rival === null) continue
    const message = `${source.id} is claimed by ${didOf(rival.society)} as well`
    const about = { record: rival.proof }
    return state === 'beaten'
      ? new Failure('source-claimed', message, about)
      : new Failure('source-contested', message, about)
  }
  return undefined
}
