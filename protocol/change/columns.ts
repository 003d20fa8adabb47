import { changeOperationsMax, integerMax } from '../limits.ts'
import { ByteReader, Malformed } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { readRuns, writeRuns } from './runs.ts'
import type { Operation, Scalar } from './types.ts'

/**
 * The columns of Automerge's change format that inserts of maps and scalars need, in ascending
 * order, as they must come. A column without content is left out.
 * Source: automerge.org/automerge-binary-format-spec.
 */
const columns = {
  objectActor: 0x01,
  objectCounter: 0x02,
  key: 0x15,
  insert: 0x34,
  action: 0x42,
  valueKind: 0x56,
  value: 0x57,
  predecessors: 0x70,
} as const

/** Automerge counts operations in 32 bits; half of that is far from any edge of its arithmetic. */
export const counterMax: number = 2 ** 31 - 1

const actions = { makeMap: 0, set: 1 } as const

/** The low four bits of a value's entry in `valueKind`; the rest is its length in bytes. */
const kinds = { none: 0, false: 1, true: 2, integer: 4, text: 6, bytes: 7 } as const

// Scratch memory, since allocating it costs a good part of an encode. Nothing here calls back or
// waits, so no two uses overlap.
const valueScratch = new ByteWriter(4_096)
const columnScratch = new ByteWriter(4_096)
const comparisonScratch = new ByteWriter(4_096)

const writeNumber = (writer: ByteWriter, value: number): void => writer.unsigned(value)
const writeText = (writer: ByteWriter, value: string): void => writer.text(value)
const readNumber = (reader: ByteReader): number => reader.unsigned()
const readCounter = (reader: ByteReader): number => reader.unsigned(counterMax)
const readText = (reader: ByteReader): string => reader.text(reader.remaining)

/** Appends a value's bytes and gives its entry in `valueKind`. */
const writeValue = (writer: ByteWriter, value: Scalar | undefined): number => {
  if (value === undefined) return kinds.none
  if (typeof value === 'boolean') return value ? kinds.true : kinds.false
  const start = writer.length
  let kind: number
  if (typeof value === 'string') {
    writer.utf8(value)
    kind = kinds.text
  } else if (typeof value === 'number') {
    if (Math.abs(value) > integerMax) throw new RangeError('integer too large')
    writer.signed(value)
    kind = kinds.integer
  } else {
    writer.raw(value)
    kind = kinds.bytes
  }
  return (writer.length - start) * 16 + kind
}

const readValue = (reader: ByteReader, entry: number): Scalar | undefined => {
  const length = Math.floor(entry / 16)
  switch (entry % 16) {
    case kinds.false:
      return false
    case kinds.true:
      return true
    case kinds.integer: {
      const value = reader.part(length).signed()
      if (Math.abs(value) > integerMax) throw new Malformed('integer too large')
      return value
    }
    case kinds.text:
      return reader.utf8(length)
    case kinds.bytes:
      return new Uint8Array(reader.raw(length))
    default:
      return undefined
  }
}

/**
 * Appends the end of a change's chunk, from the number of its columns on. Throws RangeError where
 * an operation cannot be written, a bug of the caller.
 */
export const writeOperations = (writer: ByteWriter, operations: readonly Operation[]): void => {
  const count = operations.length
  if (count === 0 || count > changeOperationsMax) throw new RangeError('number of operations')
  const objects: (number | null)[] = []
  const objectActors: (number | null)[] = []
  const keys: string[] = []
  const actionCodes: number[] = []
  const valueKinds: number[] = []
  const predecessorCounts: number[] = []
  valueScratch.clear()
  for (const { object, key, value } of operations) {
    if (object > counterMax) throw new RangeError('counter too large')
    objects.push(object === 0 ? null : object)
    objectActors.push(object === 0 ? null : 0)
    keys.push(key)
    actionCodes.push(value === undefined ? actions.makeMap : actions.set)
    valueKinds.push(writeValue(valueScratch, value))
    predecessorCounts.push(0)
  }
  const directory: number[] = []
  const data = columnScratch
  data.clear()
  const column = (id: number, write: () => void): void => {
    const start = data.length
    write()
    if (data.length > start) directory.push(id, data.length - start)
  }
  column(columns.objectActor, () => writeRuns(data, objectActors, writeNumber))
  column(columns.objectCounter, () => writeRuns(data, objects, writeNumber))
  column(columns.key, () => writeRuns(data, keys, writeText))
  column(columns.insert, () => data.unsigned(count)) // so many times false
  column(columns.action, () => writeRuns(data, actionCodes, writeNumber))
  column(columns.valueKind, () => writeRuns(data, valueKinds, writeNumber))
  column(columns.value, () => data.raw(valueScratch.view()))
  column(columns.predecessors, () => writeRuns(data, predecessorCounts, writeNumber))
  writer.unsigned(directory.length / 2)
  for (const number of directory) writer.unsigned(number)
  writer.raw(data.view())
}

const equalBytes = (left: Uint8Array, right: Uint8Array): boolean => {
  if (left.length !== right.length) return false
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false
  return true
}

/**
 * The operations whose bytes begin at `start` and go to the end; `Malformed` where these are not
 * what `writeOperations` writes. That comparison is the test of everything that is not looked at
 * here: unknown, repeated and unused columns, other actions and kinds of values, predecessors,
 * split runs.
 */
export const readOperations = (bytes: Uint8Array, start: number): Operation[] => {
  const reader = new ByteReader(bytes, start)
  const directory: number[] = []
  for (let left = reader.unsigned(); left > 0; left--) {
    directory.push(reader.unsigned(), reader.unsigned())
  }
  const parts = new Map<number, ByteReader>()
  for (let at = 0; at < directory.length; at += 2) {
    parts.set(directory[at]!, reader.part(directory[at + 1]!))
  }
  const part = (id: number): ByteReader => parts.get(id) ?? new ByteReader(bytes, start, start)
  // The count comes first: no column may hold more rows, so a few bytes cannot expand to millions.
  const count = part(columns.insert).unsigned(changeOperationsMax)
  if (count === 0) throw new Malformed('no operation')
  const objects = readRuns(part(columns.objectCounter), count, readCounter)
  const keys = readRuns(part(columns.key), count, readText)
  const valueKinds = readRuns(part(columns.valueKind), count, readNumber)
  const values = part(columns.value)
  const operations: Operation[] = []
  for (let at = 0; at < count; at++) {
    const key = keys[at]!
    const entry = valueKinds[at]!
    if (key === null || entry === null) throw new Malformed('an operation without key or value')
    const object = objects[at] ?? 0
    const value = readValue(values, entry)
    operations.push(value === undefined ? { object, key } : { object, key, value })
  }
  comparisonScratch.clear()
  writeOperations(comparisonScratch, operations)
  if (!equalBytes(comparisonScratch.view(), bytes.subarray(start))) {
    throw new Malformed('not the canonical bytes of inserts')
  }
  return operations
}
