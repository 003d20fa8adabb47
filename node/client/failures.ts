import { Failure } from '../../src/index.ts'
import type { Problem } from '../api/problem.ts'

/** There is no node to talk to at an address or in a directory. */
export class NoNode extends Failure {
  override readonly name = 'NoNode'

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('no-node', message, options)
  }
}

/** A node has taken a question and not answered it: it hangs, or has too much to do. */
export class NoAnswer extends Failure {
  override readonly name = 'NoAnswer'

  constructor(address: string, ms: number, options: { readonly cause?: unknown } = {}) {
    const what = `the node at ${address} has not answered within ${ms / 1000} s`
    const how = 'it hangs or has too much to do; see its log, and society doctor'
    super('peer-unavailable', `${what}: ${how}`, options)
  }
}

/** What a node answered instead of doing what it was asked: a problem document. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}
