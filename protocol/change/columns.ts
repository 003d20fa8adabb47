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

/** The identifiers of columns as they follow each other. */
const columnOrder: readonly number[] = Object.values(columns)

/** A reader for each column. */
type ColumnReaders = { readonly [Name in keyof typeof columns]: ByteReader }

/** Automerge counts operations in 32 bits; half of that is far from any edge of its arithmetic. */
export const counterMax: number = 2 ** 31 - 1

const actions = { makeMap: 0, set: 1 } as const

/** The low four bits of a value's entry in `valueKind`; the rest is its length in bytes. */
const kinds = { none: 0, false: 1, true: 2, integer: 4, text: 6, bytes: 7 } as const

// Scratch memory, since allocating it costs a good part of an encode. Nothing here calls back or
// waits, so no two uses overlap.
const valueScratch = new ByteWriter(4_096)
const columnScratch = new ByteWriter(4_096)

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

/** The value of an entry in `valueKind`; undefined for none, and refused for what is no scalar. */
const readValue = (reader: ByteReader, entry: number): Scalar | undefined => {
  if (entry === kinds.none) return undefined
  if (entry === kinds.false) return false
  if (entry === kinds.true) return true
  const length = Math.floor(entry / 16)
  switch (entry % 16) {
    case kinds.integer: {
      const end = reader.position + length
      const value = reader.signed()
      if (reader.position !== end) throw new Malformed('an integer of another length')
      if (Math.abs(value) > integerMax) throw new Malformed('integer too large')
      return value
    }
    case kinds.text:
      return reader.utf8(length)
    case kinds.bytes:
      return new Uint8Array(reader.raw(length))
    default:
      throw new Malformed('a value of another kind')
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

/** Where `readOperations` finds each column; empty ones are left out of the directory. */
const readDirectory = (reader: ByteReader): ColumnReaders => {
  const lengths = columnOrder.map(() => 0)
  let after = 0
  for (let left = reader.unsigned(); left > 0; left--) {
    const place = columnOrder.indexOf(reader.unsigned(), after)
    const length = reader.unsigned()
    if (place < 0 || length === 0) throw new Malformed('a column unknown, empty or out of order')
    lengths[place] = length
    after = place + 1
  }
  let next = 0
  const part = (): ByteReader => reader.part(lengths[next++]!)
  const readers = {
    objectActor: part(),
    objectCounter: part(),
    key: part(),
    insert: part(),
    action: part(),
    valueKind: part(),
    value: part(),
    predecessors: part(),
  }
  reader.finish()
  return readers
}

/** Refuses a column that is not `count` times zero. */
const readZeros = (reader: ByteReader, count: number): void => {
  const header = reader.signed()
  if (header !== (count === 1 ? -1 : count) || reader.unsigned() !== 0) {
    throw new Malformed('an operation with predecessors')
  }
  reader.finish()
}

/**
 * The operations whose bytes begin at `start` and go to the end; `Malformed` where these are not
 * what `writeOperations` writes. Every column is read so strictly that no other bytes pass:
 * unknown, repeated and unused columns, other actions and kinds of values, predecessors, and runs
 * that are split.
 */
export const readOperations = (bytes: Uint8Array, start: number): Operation[] => {
  const parts = readDirectory(new ByteReader(bytes, start))
  // The count comes first: no column may hold more rows, so a few bytes cannot expand to millions.
  const count = parts.insert.unsigned(changeOperationsMax)
  if (count === 0) throw new Malformed('no operation')
  parts.insert.finish()
  const objectActors = readRuns(parts.objectActor, count, readNumber)
  const objects = readRuns(parts.objectCounter, count, readCounter)
  const keys = readRuns(parts.key, count, readText)
  const actionCodes = readRuns(parts.action, count, readNumber)
  const valueKinds = readRuns(parts.valueKind, count, readNumber)
  readZeros(parts.predecessors, count)
  const operations: Operation[] = []
  for (let at = 0; at < count; at++) {
    const name = keys[at]!
    const entry = valueKinds[at]!
    const object = objects[at]!
    if (name === null || entry === null) throw new Malformed('an operation without key or value')
    // The root is written as null, and everything else is an object of the only actor.
    if (object === 0 || objectActors[at] !== (object === null ? null : 0)) {
      throw new Malformed('an object of another actor')
    }
    const scalar = readValue(parts.value, entry)
    if (actionCodes[at] !== (scalar === undefined ? actions.makeMap : actions.set)) {
      throw new Malformed('another action')
    }
    operations.push(
      scalar === undefined
        ? { object: object ?? 0, key: name }
        : { object: object ?? 0, key: name, value: scalar },
    )
  }
  parts.value.finish()
  return operations
}
