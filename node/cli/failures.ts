import { codes } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import type { Problem } from '../api/problem.ts'

/** There is no node to talk to in a directory. */
export class NoNode extends Error {
  override readonly name = 'NoNode'
}

/** A command line that asks for what cannot be. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}

/** What a node answered instead of doing what it was asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** Exit codes of every command. */
export const exitCodes = { done: 0, failed: 1, usage: 2, noNode: 3 } as const

/** What is told of a failure, to people and programs, and the exit code it ends in. */
export type Told = {
  readonly exitCode: number
  readonly code: string
  readonly message: string
  readonly record: string | null
  /** What to do about it, where the message does not say. */
  readonly advice: string | null
  /** Where it happened, if it is a bug of ours. */
  readonly stack: string | null
}

/** What to tell of whatever a command threw; of a bug of ours where it is nothing else. */
export function toldOf(error: unknown): Told {
  const nothing = { record: null, advice: null, stack: null }
  const { failed, usage, noNode } = exitCodes
  if (error instanceof Refusal) {
    const { code, detail, record, advice } = error.problem
    return {
      exitCode: failed,
      code,
      message: detail,
      record,
      advice: adviceFor(code, advice),
      stack: null,
    }
  }
  if (error instanceof Failure) {
    const { code, message, record = null } = error
    const [, advice] = codes[code]
    return { exitCode: failed, code, message, record, advice: adviceFor(code, advice), stack: null }
  }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof NoNode) return { exitCode: noNode, code: 'no-node', message, ...nothing }
  if (error instanceof WrongUsage)
    return { exitCode: usage, code: 'malformed', message, ...nothing }
  const stack = error instanceof Error ? (error.stack ?? null) : null
  return { exitCode: failed, code: 'internal', message, ...nothing, stack }
}

// The message of what is malformed says it all.
const adviceFor = (code: string, advice: string): string | null =>
  code === 'malformed' ? null : advice
