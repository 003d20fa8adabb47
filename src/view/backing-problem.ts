import type { Code } from '../../protocol/index.ts'

/** What is missing or contradicted in an answer about backing. */
export type BackingProblem = {
  readonly code: Code
  readonly message: string
  /** Id of the record that it is about or that shows it. */
  readonly record: string | null
}

/** A problem of backing. */
export const backingProblem = (
  code: Code,
  message: string,
  record: string | null,
): BackingProblem => ({ code, message, record })
