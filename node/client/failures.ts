import { Failure } from '../../src/index.ts'
import type { Problem } from '../api/problem.ts'

/** There is no node to talk to at an address or in a directory. */
export class NoNode extends Failure {
  override readonly name = 'NoNode'

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('no-node', message, options)
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
