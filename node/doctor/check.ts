import type { Fact } from './fact.ts'
import type { Facts } from './facts.ts'

/** How something stands: `unknown` where it could not be looked at, which is not well. */
export type State = 'well' | 'ill' | 'unknown'

/** What a look found: how it stands, and what was seen, as a sentence. */
export type Found = { readonly state: State; readonly cause: string }

/** One check: a stable code, what it asks, how to mend what is ill, and the look itself. */
export type Check = {
  readonly code: string
  readonly asks: string
  readonly mend: string
  /** Judges facts that were gathered before; touches nothing. */
  readonly look: (facts: Facts) => Found
}

/** All is well. */
export const well = (cause: string): Found => ({ state: 'well', cause })
/** Something is to be mended. */
export const ill = (cause: string): Found => ({ state: 'ill', cause })
/** It could not be looked at. */
export const unknown = (cause: string): Found => ({ state: 'unknown', cause })

/** Well where a condition holds, else ill. */
export const wellIf = (holds: boolean, good: string, bad: string): Found =>
  holds ? well(good) : ill(bad)

/** Ill where the list of what is wrong is not empty; names the first few. */
export function illIfAny(wrong: readonly string[], good: string, bad: string): Found {
  if (wrong.length === 0) return well(good)
  const more = wrong.length - namedMax
  const named = wrong.slice(0, namedMax).join(', ')
  return ill(`${bad}: ${named}${more > 0 ? ` and ${more} more` : ''}`)
}

/** Things that one cause names. */
const namedMax = 3

/** Looks at facts that may be missing; `unknown` with the reason where they are. */
export const given = <T>(fact: Fact<T>, look: (value: T) => Found): Found =>
  'value' in fact ? look(fact.value) : unknown(fact.because)
