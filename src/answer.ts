import { codes, type Code } from '../protocol/index.ts'
import { Failure } from './failure.ts'

/**
 * Answers of nodes to each other's questions: `01` and what was asked for, or `00`, a code, a blank
 * and a sentence in UTF-8.
 */

/** Bytes of a refusal that are read: a code and a sentence or two. */
const refusalBytesMax = 1_024

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** An answer that gives what was asked for. */
export function given(body: Uint8Array): Uint8Array {
  return Uint8Array.of(1, ...body)
}

/** An answer that refuses. */
export function refused({ code, message }: Failure): Uint8Array {
  return encoder.encode(`\0${code} ${message}`)
}

/**
 * What an answer gives, or why it refuses; `not-authorised` where it gives no code that is known.
 * `who` stands at the beginning of the sentence.
 */
export function readAnswer(answer: Uint8Array, who: string): Uint8Array | Failure {
  if (answer[0] === 1) return answer.slice(1)
  const [code = '', ...words] = decoder.decode(answer.subarray(1, refusalBytesMax)).split(' ')
  const known = Object.hasOwn(codes, code) ? (code as Code) : 'not-authorised'
  return new Failure(known, `${who} refuses: ${words.join(' ')}`)
}
