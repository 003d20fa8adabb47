import type { Code } from '../protocol/index.ts'

/** A failure of the world or of input, with a stable code; our own bugs are assertions instead. */
export class Failure extends Error {
  /** Stable code, see `protocol/codes.ts`. */
  readonly code: Code
  /** Id of the record it is about, if any. */
  readonly record: string | undefined

  constructor(
    code: Code,
    message: string,
    options: { readonly cause?: unknown; readonly record?: string } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.record = options.record
  }
}
