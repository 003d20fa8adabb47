import { recordFieldsMax, segmentRecords, valueBytesMax } from '../limits.ts'
import { utf8Length } from './byte-writer.ts'
import type { Actor, Chain, Change, ChangeHash, Fields, Operation, Scalar } from './types.ts'

/** A record that a change adds, and its number in the document. */
export type NumberedRecord = { readonly number: number; readonly fields: Fields }

/** Why a change does not continue a chain. */
export type AdmissionCode =
  | 'wrong-author'
  | 'out-of-order'
  | 'equivocation'
  | 'clock-backwards'
  | 'malformed'

/** What came of a change: the chain with it and its records, or why it does not fit. */
export type Admission =
  | { readonly ok: true; readonly chain: Chain; readonly records: readonly NumberedRecord[] }
  | { readonly ok: false; readonly code: AdmissionCode; readonly message: string }

type Refusal = Extract<Admission, { ok: false }>

/** Names of fields; those with dots are lists and maps laid flat. */
const fieldName = /^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/
const fieldNameLengthMax = 48

/** Keys of segments and records. */
const keyOf = (number: number): string => number.toString(36)

/** The chain of a document without changes; `document` is its name, `pool/<did>` for one. */
export const emptyChain = (actor: Actor, document: string): Chain => ({
  actor,
  document,
  seq: 0,
  head: null,
  nextOperation: 1,
  time: 0,
  root: 0,
  segment: 0,
  count: 0,
})

const refuse = (code: AdmissionCode, message: string): Refusal => ({ ok: false, code, message })

/** What is wrong with a change's place in the chain, if anything. */
const misfit = (change: Change, hash: ChangeHash, chain: Chain): Refusal | undefined => {
  if (change.actor !== chain.actor) return refuse('wrong-author', 'another actor')
  if (change.seq < chain.seq) return refuse('out-of-order', `behind the head, ${chain.seq}`)
  if (change.seq === chain.seq) {
    if (hash === chain.head) return refuse('out-of-order', 'known already')
    return refuse('equivocation', `two changes of number ${change.seq}`)
  }
  if (change.seq > chain.seq + 1) return refuse('out-of-order', `a gap after ${chain.seq}`)
  if (change.previous !== chain.head) return refuse('equivocation', 'follows another change')
  if (change.time < chain.time) return refuse('clock-backwards', `dated before ${chain.time}`)
  if (change.startOperation !== chain.nextOperation) {
    return refuse('malformed', `operations count from ${change.startOperation}`)
  }
  return undefined
}

const isMap = (operation: Operation | undefined, object: number, key: string): boolean =>
  operation !== undefined &&
  operation.object === object &&
  operation.key === key &&
  operation.value === undefined

const isTooLong = (value: Scalar): boolean => {
  if (value instanceof Uint8Array) return value.length > valueBytesMax
  if (typeof value !== 'string' || value.length * 3 <= valueBytesMax) return false
  return utf8Length(value) > valueBytesMax
}

/** Reads the fields of the record `object` from the operation at `at` on. */
const readFields = (
  operations: readonly Operation[],
  at: number,
  object: number,
): Map<string, Scalar> | string => {
  const fields = new Map<string, Scalar>()
  let last = ''
  for (let next = at; operations[next]?.object === object; next++) {
    const { key, value } = operations[next]!
    if (value === undefined) return 'a map in a record'
    if (key <= last) return 'fields out of order'
    if (key.length > fieldNameLengthMax || !fieldName.test(key)) return 'not a name of a field'
    if (isTooLong(value)) return `the value of ${key} is too long`
    if (fields.size === recordFieldsMax) return 'too many fields'
    fields.set(key, value)
    last = key
  }
  return fields.size === 0 ? 'a record without fields' : fields
}

/**
 * Judges a decoded change against what is known of its document's chain. Its operations must be
 * `[root]? ([segment]? record field+)+`: the document's name below the root in the first change
 * alone, a segment before every 512th record, records numbered without gaps in base 36, fields in
 * ascending order of their names. Pure; never throws.
 *
 * Meant for changes whose signature holds: only then is `equivocation` proof against the author.
 * `out-of-order` with a `seq` behind the head means only that; whether the chain holds this very
 * change or another at that place is to be looked up by whoever keeps the chain.
 */
export const admitChange = (change: Change, hash: ChangeHash, chain: Chain): Admission => {
  const refusal = misfit(change, hash, chain)
  if (refusal !== undefined) return refusal
  const { operations, startOperation } = change
  const records: NumberedRecord[] = []
  let { root, segment, count } = chain
  let at = 0
  if (chain.seq === 0) {
    if (!isMap(operations[at], 0, chain.document)) return refuse('malformed', 'not the root')
    root = startOperation + at++
  }
  do {
    if (count % segmentRecords === 0) {
      const key = keyOf(count / segmentRecords)
      if (!isMap(operations[at], root, key)) return refuse('malformed', `not segment ${key}`)
      segment = startOperation + at++
    }
    const key = keyOf(count)
    if (!isMap(operations[at], segment, key)) return refuse('malformed', `not record ${key}`)
    const fields = readFields(operations, at + 1, startOperation + at)
    if (typeof fields === 'string') return refuse('malformed', `${fields}, record ${key}`)
    at += 1 + fields.size
    records.push({ number: count++, fields })
  } while (at < operations.length)
  const { actor, document } = chain
  const { seq, time } = change
  const nextOperation = startOperation + at
  const next = { actor, document, seq, head: hash, nextOperation, time, root, segment, count }
  return { ok: true, chain: next, records }
}

/** Fields in ascending order of their names, in which most come already. */
const sortedFields = (fields: Fields): Iterable<[string, Scalar]> => {
  let last = ''
  for (const name of fields.keys()) {
    if (name < last) return [...fields].sort(([a], [b]) => (a < b ? -1 : 1))
    last = name
  }
  return fields
}

/**
 * The operations of the change that adds `records` next, the inverse of `admitChange`; fields may
 * come in any order. It does not judge names and values: that is for `admitChange`, which the own
 * changes of a node pass too.
 */
export const operationsFor = (records: readonly Fields[], chain: Chain): Operation[] => {
  const operations: Operation[] = []
  let { root, segment, count } = chain
  const addMap = (object: number, key: string): number => {
    operations.push({ object, key })
    return chain.nextOperation + operations.length - 1
  }
  if (chain.seq === 0) root = addMap(0, chain.document)
  for (const fields of records) {
    if (count % segmentRecords === 0) segment = addMap(root, keyOf(count / segmentRecords))
    const object = addMap(segment, keyOf(count++))
    for (const [key, value] of sortedFields(fields)) operations.push({ object, key, value })
  }
  return operations
}
