import { Failure } from '../../src/index.ts'

/** The failure of a damaged part of a store: its path, and what is wrong with it as a clause. */
export function damaged(part: string, what: string, cause?: unknown): Failure {
  return new Failure('store-damaged', `The store is damaged: ${part} ${what}.`, { cause })
}
