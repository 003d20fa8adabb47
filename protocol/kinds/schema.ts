import { bytesOfHex, hexOf } from '../change/hex.ts'
import { utf8Length } from '../change/byte-writer.ts'
import type { Fields, Scalar } from '../change/types.ts'
import { fault, type Code, type Fault } from '../codes.ts'
import {
  bytesOfKey,
  bytesOfRecordId,
  keyOfBytes,
  recordIdOfBytes,
  type RecordId,
  type SocietyKey,
} from '../identity.ts'
import { integerMax, textBytesMax } from '../limits.ts'

/** How one field is read from the wire and written to it. */
export type FieldType<T> = {
  /** What the field must be, to finish the sentence "<name> must be ...". */
  readonly expected: string
  /** Code of the fault where it is not. */
  readonly code: Code
  // Methods, so that a type of any T is one of unknown.
  read(value: Scalar): T | undefined
  write(value: T): Scalar
  readonly optional?: boolean
  /** Greatest number of entries of a list spelled as `name.0`, `name.1`, ... */
  readonly listMax?: number
  /** Kinds of record that a reference may name. */
  readonly names?: readonly string[]
}

/** Fields by name. */
export type Schema = { readonly [name: string]: FieldType<unknown> }

/** What a schema reads: an object with a value for every field. */
export type Parsed<S> = {
  readonly [K in keyof S]: S[K] extends FieldType<infer T> ? T : never
}

const integerType = (
  minimum: number,
  maximum: number,
  expected: string,
  code: Code,
): FieldType<number> => ({
  expected,
  code,
  read: (value) =>
    typeof value === 'number' && value >= minimum && value <= maximum ? value : undefined,
  write: (value) => value,
})

/** An integer within bounds; outside them `malformed`. */
export function integer(minimum: number, maximum: number): FieldType<number> {
  return integerType(minimum, maximum, `an integer from ${minimum} to ${maximum}`, 'malformed')
}

const amountType = (minimum: number, expected: string): FieldType<number> =>
  integerType(minimum, integerMax, expected, 'invalid-amount')

/** Milli-units, at least one. */
export const amount: FieldType<number> = amountType(1, 'a positive integer of milli-units')
/** Milli-units, zero allowed. */
export const amountOrZero: FieldType<number> = amountType(0, 'an integer of milli-units')
/** Milliseconds since 1970. */
export const instant: FieldType<number> = integer(0, integerMax)
/** Millionths, 0 to 1. */
export const ratio: FieldType<number> = integer(0, 1_000_000)
/** Millionths, 0 to 1; outside them `invalid-quality`. */
export const quality: FieldType<number> = integerType(
  0,
  1_000_000,
  'from 0 to 1 (in millionths)',
  'invalid-quality',
)
/** A truth value. */
export const flag: FieldType<boolean> = {
  expected: 'true or false',
  code: 'malformed',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
  write: (value) => value,
}

function hasControlCharacter(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}

/** Text of 1 to `bytesMax` bytes without control characters. */
export function text(bytesMax: number = textBytesMax): FieldType<string> {
  return {
    expected: `text of 1 to ${bytesMax} bytes without control characters`,
    code: 'malformed',
    read: (value) =>
      typeof value === 'string' &&
      value !== '' &&
      // Half of a surrogate pair has no bytes: no change can carry it.
      value.isWellFormed() &&
      utf8Length(value) <= bytesMax &&
      !hasControlCharacter(value)
        ? value
        : undefined,
    write: (value) => value,
  }
}

const bytesType = <T>(
  fits: (length: number) => boolean,
  expected: string,
  from: (value: Uint8Array) => T,
  to: (value: T) => Uint8Array,
): FieldType<T> => ({
  expected,
  code: 'malformed',
  read: (value) => (value instanceof Uint8Array && fits(value.length) ? from(value) : undefined),
  write: to,
})

const same = (value: Uint8Array): Uint8Array => value

/** Bytes of a length from 1 to `bytesMax`. */
export function bytes(bytesMax: number): FieldType<Uint8Array> {
  return bytesType((n) => n >= 1 && n <= bytesMax, `1 to ${bytesMax} bytes`, same, same)
}

/** 32 bytes, read as hex. */
export const digest: FieldType<string> = bytesType(
  (n) => n === 32,
  'a digest of 32 bytes',
  hexOf,
  bytesOfHex,
)
/** An ed25519 signature. */
export const signature: FieldType<Uint8Array> = bytesType(
  (n) => n === 64,
  'a signature of 64 bytes',
  same,
  same,
)
/** The public key of a society or worker. */
export const key: FieldType<SocietyKey> = bytesType(
  (n) => n === 32,
  'a public key of 32 bytes',
  keyOfBytes,
  bytesOfKey,
)

/** The id of another record, of one of these kinds. */
export function reference(...names: readonly string[]): FieldType<RecordId> {
  return {
    ...bytesType((n) => n === 34, 'a record id of 34 bytes', recordIdOfBytes, bytesOfRecordId),
    names,
  }
}

/** A field that may be absent. */
export function optional<T>(type: FieldType<T>): FieldType<T | undefined> {
  return {
    ...type,
    optional: true,
    write: (value) => (value === undefined ? '' : type.write(value)),
  }
}

/** A list of 0 to `listMax` values, on the wire as `name.0`, `name.1` and so on. */
export function list<T>(type: FieldType<T>, listMax: number): FieldType<readonly T[]> {
  return {
    ...(type as unknown as FieldType<readonly T[]>),
    listMax,
  }
}

const bad = (name: string, type: FieldType<unknown>): Fault =>
  fault(type.code, `${name} must be ${type.expected}`)

/** A schema's fields as a list, made once: every record of its kind is read by it. */
export type FieldList = readonly (readonly [string, FieldType<unknown>])[]

/** Reads fields by a schema: every field known, present unless optional, and of its type. */
export function readFields<S extends Schema>(
  fieldList: FieldList,
  fields: Fields,
):
  | { readonly ok: true; readonly value: Parsed<S> }
  | { readonly ok: false; readonly fault: Fault } {
  const value: Record<string, unknown> = {}
  let used = 1 // `kind`
  for (const [name, type] of fieldList) {
    if (type.listMax !== undefined) {
      const entries: unknown[] = []
      for (let i = 0; i < type.listMax && fields.has(`${name}.${i}`); i++) {
        const entry = type.read(fields.get(`${name}.${i}`) ?? '')
        if (entry === undefined) return { ok: false, fault: bad(`${name}.${i}`, type) }
        entries.push(entry)
      }
      value[name] = entries
      used += entries.length
      continue
    }
    const given = fields.get(name)
    if (given === undefined) {
      if (type.optional !== true) {
        return { ok: false, fault: fault('malformed', `${name} is missing`) }
      }
      value[name] = undefined
      continue
    }
    const read = type.read(given)
    if (read === undefined) return { ok: false, fault: bad(name, type) }
    value[name] = read
    used++
  }
  if (used !== fields.size) {
    return { ok: false, fault: fault('malformed', 'the record has a field that is not known') }
  }
  return { ok: true, value: value as Parsed<S> }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1

/**
 * Makes what writes values to wire fields, the inverse of `readFields`, for a schema: keys come out
 * sorted, which is looked after once where no list spells keys of its own.
 */
export function fieldsWriter(
  kind: string,
  fieldList: FieldList,
): (value: Readonly<Record<string, unknown>>) => Fields {
  const sorted = [...fieldList, ['kind', undefined] as const].sort(byName)
  const hasLists = fieldList.some(([, { listMax }]) => listMax !== undefined)
  return (value) => {
    const fields = new Map<string, Scalar>()
    for (const [name, type] of sorted) {
      if (type === undefined) {
        fields.set('kind', kind)
        continue
      }
      const given = value[name]
      if (given === undefined) continue
      if (type.listMax === undefined) fields.set(name, type.write(given))
      else (given as unknown[]).forEach((each, i) => fields.set(`${name}.${i}`, type.write(each)))
    }
    return hasLists ? new Map([...fields].sort(byName)) : fields
  }
}

/** The references of a read record: field name, id and the kinds it may name. */
export function referencesOf(
  fieldList: FieldList,
  value: Readonly<Record<string, unknown>>,
): readonly { readonly name: string; readonly id: RecordId; readonly names: readonly string[] }[] {
  const found: { name: string; id: RecordId; names: readonly string[] }[] = []
  for (const [name, type] of fieldList) {
    if (type.names === undefined || value[name] === undefined) continue
    const ids = type.listMax === undefined ? [value[name]] : (value[name] as unknown[])
    for (const id of ids) found.push({ name, id: id as RecordId, names: type.names })
  }
  return found
}
