import { codes, type Code } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import { NoAnswer, NoNode, Refusal } from '../client/index.ts'
import { fileFailure } from '../store/file-failure.ts'

/** A command line that asks for what cannot be. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}

/** Exit codes of every command. */
export const exitCodes = { done: 0, failed: 1, usage: 2, noNode: 3 } as const

/** What is told of a failure, to people and programs, and the exit code it ends in. */
export type Told = {
  readonly exitCode: number
  readonly code: Code
  readonly message: string
  readonly record: string | null
  /** What to do about it, where the message does not say. */
  readonly advice: string | null
  /** Where it happened, if it is a bug of ours. */
  readonly stack: string | null
}

/** What to tell of whatever a command threw; of a bug of ours where it is nothing else. */
export function toldOf(thrown: unknown): Told {
  const error = fileFailure(thrown) ?? thrown
  const { failed, usage, noNode } = exitCodes
  const told = { record: null, advice: null, stack: null }
  if (error instanceof Refusal) {
    const { code, detail: message, record, advice } = error.problem
    return { ...told, exitCode: failed, code, message, record, advice: adviceFor(code, advice) }
  }
  if (error instanceof Failure) {
    const { code, message, record = null } = error
    const exitCode = error instanceof NoNode ? noNode : failed
    // Of a node of one's own that does not answer its message says all.
    const advice = error instanceof NoAnswer ? null : adviceFor(code, codes[code][1])
    return { ...told, exitCode, code, message, record, advice }
  }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof WrongUsage) return { ...told, exitCode: usage, code: 'malformed', message }
  const stack = error instanceof Error ? (error.stack ?? null) : null
  const [, advice] = codes.internal
  return { exitCode: failed, code: 'internal', message, record: null, advice, stack }
}

/** Codes whose messages say what to do, and better: what of the input, what at which device. */
const saysAll: ReadonlySet<Code> = new Set(['malformed', 'source-unavailable', 'source-nonsense'])

const adviceFor = (code: Code, advice: string): string | null => (saysAll.has(code) ? null : advice)
