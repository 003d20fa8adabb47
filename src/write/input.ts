import {
  integerMax,
  isRecordId,
  millionths,
  parseMilli,
  parseRatio,
  type Code,
  type Fault,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { ambiguous } from '../ambiguous.ts'
import { Failure } from '../failure.ts'

/** Raises a fault of the input. */
export function refuse(code: Code, message: string): never {
  throw new Failure(code, message)
}

const raise = (found: Fault): never => refuse(found.code, found.message)

const decimal = /^(\d{1,16})(?:\.(\d{1,20}))?$/

/**
 * A decimal (or its text) times `factor`, exactly; undefined where that is not whole, negative or
 * beyond what the wire takes: what is finer than a wire unit is refused, never rounded.
 */
export function scaledExactly(given: unknown, factor: number): number | undefined {
  const text = typeof given === 'number' ? String(given) : given
  const match = typeof text === 'string' ? decimal.exec(text.trim()) : null
  if (match === null) return undefined
  const [, whole = '', fraction = ''] = match
  const product = BigInt(whole + fraction) * BigInt(factor)
  const divisor = 10n ** BigInt(fraction.length)
  const scaled = product / divisor
  return product % divisor === 0n && scaled <= BigInt(integerMax) ? Number(scaled) : undefined
}

/** How fine a number may be that `scaledExactly` takes, as the end of a sentence. */
export function finestStep(factor: number): string {
  if (factor === 1) return 'a whole number'
  const places = String(factor).length - 1
  return factor === 10 ** places ? `at most ${places} decimals` : 'to the millisecond'
}

/** Reads the fields that a caller gives. */
export class Input {
  readonly #fields: Readonly<Record<string, unknown>>

  constructor(fields: unknown) {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      refuse('malformed', 'the fields of a record are a map')
    }
    this.#fields = fields as Readonly<Record<string, unknown>>
  }

  /** Whether a field is given. */
  has(name: string): boolean {
    const value = this.raw(name)
    return value !== undefined && value !== null
  }

  /** A field as it is. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined
  }

  #need<T>(name: string, value: T | undefined): T {
    return value ?? refuse('malformed', `${name} is missing`)
  }

  /** A decimal of ATP, ADP or W, in milli-units. */
  amount(name: string, zero = false): number {
    return this.#need(name, this.optionalAmount(name, zero))
  }

  /** The same where it may be absent. */
  optionalAmount(name: string, zero = false): number | undefined {
    if (!this.has(name)) return undefined
    const value = parseMilli(this.raw(name), name, zero)
    return typeof value === 'number' ? value : raise(value)
  }

  /** A ratio 0..1 in millionths. */
  optionalRatio(name: string, code: Code = 'malformed'): number | undefined {
    if (!this.has(name)) return undefined
    const value = parseRatio(this.raw(name))
    return value ?? refuse(code, `${name} must be from 0 to 1 with at most six decimals`)
  }

  /** A decimal times `factor`, which must come out whole; `integer` of wire units. */
  optionalScaled(name: string, factor: number): number | undefined {
    if (!this.has(name)) return undefined
    const scaled = scaledExactly(this.raw(name), factor)
    if (scaled !== undefined) return scaled
    return refuse('malformed', `${name} must be a decimal from 0 up, ${finestStep(factor)}`)
  }

  /** A text. */
  text(name: string): string {
    return this.#need(name, this.optionalText(name))
  }

  /** The same where it may be absent or empty. */
  optionalText(name: string): string | undefined {
    if (!this.has(name)) return undefined
    const value = this.raw(name)
    if (typeof value !== 'string') return refuse('malformed', `${name} must be text`)
    return value === '' ? undefined : value
  }

  /** A truth value. */
  optionalFlag(name: string): boolean | undefined {
    if (!this.has(name)) return undefined
    const value = this.raw(name)
    return typeof value === 'boolean' ? value : refuse('malformed', `${name} must be true or false`)
  }

  /** An instant: ISO 8601 text or milliseconds since 1970. */
  optionalInstant(name: string): number | undefined {
    if (!this.has(name)) return undefined
    const given = this.raw(name)
    const value = typeof given === 'string' ? Date.parse(given) : given
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : refuse('malformed', `${name} must be a time, such as 2026-06-21T12:00:00Z`)
  }

  /** 32 bytes as hex. */
  optionalDigest(name: string): string | undefined {
    const value = this.optionalText(name)
    if (value === undefined || /^[0-9a-f]{64}$/.test(value)) return value
    return refuse('malformed', `${name} must be a SHA-256 of 64 hex digits`)
  }

  /** Bytes as hex. */
  optionalBytes(name: string): Uint8Array | undefined {
    const value = this.optionalText(name)
    if (value === undefined) return undefined
    if (!/^([0-9a-f]{2})+$/.test(value)) return refuse('malformed', `${name} must be hex digits`)
    return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  }

  /** A list of texts. */
  optionalList(name: string): readonly string[] {
    if (!this.has(name)) return []
    const value = this.raw(name)
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
      return refuse('malformed', `${name} must be a list of text`)
    }
    return value as readonly string[]
  }

  /** The id of a record, shortened to a unique prefix among the candidates or whole. */
  record(name: string, candidates: Iterable<RecordId>): RecordId {
    return this.#need(name, this.optionalRecord(name, candidates))
  }

  /** The same where it may be absent. */
  optionalRecord(name: string, candidates: Iterable<RecordId>): RecordId | undefined {
    const given = this.optionalText(name)
    if (given === undefined || isRecordId(given)) return given
    const found = [...new Set(candidates)].filter((id) => id.startsWith(given))
    if (found.length > 1) throw ambiguous(given, `records as ${name}`, found)
    return found[0] ?? refuse('unknown-reference', `${name}: no record '${given}' is known here`)
  }

  /** A society or worker, by whatever names it. */
  party(name: string, find: (text: string) => SocietyKey): SocietyKey {
    return find(this.text(name))
  }

  /** Refuses fields with other names. */
  only(names: readonly string[]): void {
    const unknown = Object.keys(this.#fields).find((name) => !names.includes(name))
    if (unknown !== undefined) refuse('malformed', `there is no field '${unknown}' here`)
  }
}

/** Milliseconds of an hour and a day, and thousandths and millionths, as factors of wire units. */
export const factors: Readonly<Record<'hour' | 'day' | 'thousand' | 'millionths', number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  thousand: 1_000,
  millionths,
}
