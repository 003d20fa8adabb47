import { Failure } from '../../src/index.ts'

/** The failure of a damaged part of a store: its path, and what is wrong with it as a clause. */
export function damaged(part: string, what: string, cause?: unknown): Failure {
  return new Failure('store-damaged', `The store is damaged: ${part} ${what}.`, { cause })
}

/** What the system refused on the way, as such a failure; our own bugs and failures as they are. */
export function asDamage(part: string, what: string, error: unknown): unknown {
  const isOfSystem = error instanceof Error && 'syscall' in error
  return isOfSystem ? damaged(part, `${what} (${error.message})`, error) : error
}
