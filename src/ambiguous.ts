import { Failure } from './failure.ts'

/** Of what fits, as many are named; more would not be read. */
const namedMax = 5

/** The failure of a text that fits several of what it may name: tells which, and what to do. */
export function ambiguous(text: string, what: string, fitting: Iterable<string>): Failure {
  const all = [...fitting]
  const more = all.length - namedMax
  const named = all.slice(0, namedMax).join(', ') + (more > 0 ? ` and ${more} more` : '')
  const advice = 'give more of the one that is meant'
  return new Failure('malformed', `'${text}' fits ${all.length} ${what}: ${named}; ${advice}`)
}
