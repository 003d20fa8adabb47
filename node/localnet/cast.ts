import type { Simulators } from './simulators.ts'
import type { LocalSociety } from './society.ts'

/** The societies of the story and who else takes part. */
export type Cast = {
  readonly sage: LocalSociety
  readonly leaf: LocalSociety
  readonly loom: LocalSociety
  readonly oak: LocalSociety
  /** Members that only watch. */
  readonly others: readonly LocalSociety[]
  /** Makes a society's key and configuration; `bootstrap` is the node to begin with. */
  readonly make: (society: LocalSociety, bootstrap?: string) => Promise<void>
  /** When the story began, in ms since 1970. */
  readonly began: number
  /** What there is to be measured. */
  readonly simulators: Simulators
}

/** One step of the story: what it tells, and what was seen. Throws where it is not as it should. */
export type Step = {
  readonly title: string
  readonly play: (cast: Cast) => Promise<string>
}

/** Everyone, the founder of the federation first. */
export function everybody(cast: Cast): readonly LocalSociety[] {
  return [cast.sage, cast.leaf, cast.loom, cast.oak, ...cast.others]
}
