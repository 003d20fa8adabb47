import { codes, type Code } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'

/** The body of an error, a problem document of RFC 9457 with members of our own. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: Code
  /** Id of the record it is about. */
  readonly record: string | null
  /** What to do about it. */
  readonly advice: string
}

/** An error that names its status itself. */
export class HttpFailure extends Failure {
  readonly status: number
  /** When to ask again, in s, where it names that. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: Code, message: string, waitSeconds?: number) {
    super(code, message)
    this.status = status
    this.retryAfterSeconds = waitSeconds
  }
}

// Codes whose status does not hang on what was asked; other refusals are conflicts.
const statusOfCode: Partial<Record<Code, number>> = {
  malformed: 400,
  'too-large': 413,
  'rate-limited': 429,
  'source-unavailable': 502,
  'source-nonsense': 502,
  'peer-unavailable': 503,
  'history-dropped': 410,
  'store-damaged': 503,
  'clock-skewed': 503,
}

// What the server framework refuses by itself.
const codeOfStatus: Readonly<Record<number, Code>> = {
  400: 'malformed',
  404: 'unknown-reference',
  405: 'malformed',
  408: 'malformed',
  413: 'too-large',
  414: 'too-large',
  415: 'malformed',
  431: 'too-large',
}

const titleOf = (code: string): string =>
  (code.charAt(0).toUpperCase() + code.slice(1)).replaceAll('-', ' ')

/** A problem document. */
export function problem(
  status: number,
  code: Code,
  detail: string,
  record: string | null = null,
): Problem {
  const [, advice] = codes[code]
  const type = `urn:society:problem:${code}`
  return { type, title: titleOf(code), status, detail, code, record, advice }
}

/** What the server framework throws, as far as it is looked at; of a bug just the message. */
export type FrameworkError = {
  readonly message: string
  readonly statusCode?: number
  readonly validation?: readonly Finding[]
  readonly validationContext?: string
}

type Finding = {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
}

const asJson = 'Send the body as JSON, with the header content-type: application/json.'

/** Names each place of the input and what is wrong with it. */
function wordsOf(findings: readonly Finding[], context: string): string {
  const part = context === 'querystring' ? 'query' : context
  const words = findings
    // The validator reports each unknown field a second time, as one that nothing can satisfy.
    .filter(({ keyword }) => keyword !== 'boolean')
    .map(
      ({ instancePath, message }) =>
        `${part}${instancePath.replaceAll('/', '.')} ${message ?? 'is wrong'}`,
    )
  return [...new Set(words)].join('; ')
}

/**
 * The problem that answers an error; `reading` where nothing was to be changed. Of our own bugs
 * nothing is told but that there was one.
 */
export function problemOf(error: FrameworkError, reading: boolean): Problem {
  if (error instanceof Failure) {
    const { code, message, record } = error
    const missing = code === 'unknown-reference' && reading
    const status =
      error instanceof HttpFailure ? error.status : missing ? 404 : (statusOfCode[code] ?? 409)
    return problem(status, code, message, record ?? null)
  }
  const { statusCode, message, validation, validationContext } = error
  const code = statusCode === undefined ? undefined : codeOfStatus[statusCode]
  if (statusCode === undefined || code === undefined) {
    return problem(500, 'internal', 'The node failed to answer; its log has the reason.')
  }
  const told = statusCode === 415 ? asJson : message
  const detail = validation === undefined ? told : wordsOf(validation, validationContext ?? 'input')
  return problem(statusCode, code, detail)
}
