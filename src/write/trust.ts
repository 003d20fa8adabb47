import { observationCountMax } from '../../protocol/index.ts'
import { refuse, type Input } from './input.ts'
import type { Resolver } from './resolver.ts'

/** How many interactions an observation stands for: a whole number, one by default. */
function countOf(input: Input): number {
  if (!input.has('count')) return 1
  const given = input.raw('count')
  const count = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
  return typeof count === 'number' && Number.isInteger(count) && count >= 1
    ? Math.min(count, observationCountMax + 1)
    : refuse('malformed', `count must be a whole number from 1 to ${observationCountMax}`)
}

/** How observations of others are written. */
export const trustResolvers: Readonly<Record<string, Resolver>> = {
  'trust.observe': {
    document: 'trust',
    fields: ['subject', 'success', 'count', 'note'],
    resolve: (input, { find }) => ({
      success: input.optionalFlag('success') ?? refuse('malformed', 'success is missing'),
      count: countOf(input),
      note: input.optionalText('note'),
      subject: input.party('subject', find),
    }),
  },
}
