import { type ByteReader, Malformed } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

type Cell = number | string

/**
 * Run-length encoding as Automerge does it: equal values that follow each other are a run, values
 * unlike their neighbours a literal, absent ones a null run; nothing but absent ones is no bytes.
 */
export const writeRuns = <Value extends Cell>(
  writer: ByteWriter,
  values: readonly (Value | null)[],
  write: (writer: ByteWriter, value: Value) => void,
): void => {
  if (values.every((value) => value === null)) return
  const count = values.length
  for (let start = 0, end = 0; start < count; start = end) {
    const value = values[start]!
    end = start + 1
    while (end < count && values[end] === value) end++
    if (value === null) {
      writer.signed(0)
      writer.unsigned(end - start)
    } else if (end - start > 1) {
      writer.signed(end - start)
      write(writer, value)
    } else {
      while (end < count && values[end] !== null && values[end] !== values[end + 1]) end++
      writer.signed(start - end)
      for (let at = start; at < end; at++) write(writer, values[at]!)
    }
  }
}

const otherwise = (): Malformed => new Malformed('a column in another encoding')

/**
 * Reads a whole column: one value or null for each of `count` rows. More rows are refused before
 * anything expands, and so is everything that `writeRuns` does not write for the same rows: runs of
 * one, runs and literals that could be longer, rows or a column of nulls that could be left out.
 */
export const readRuns = <Value extends Cell>(
  reader: ByteReader,
  count: number,
  read: (reader: ByteReader) => Value,
): (Value | null)[] => {
  const values: (Value | null)[] = []
  if (reader.remaining === 0) {
    while (values.length < count) values.push(null)
    return values
  }
  let before: Value | null | undefined
  let wasLiteral = false
  while (reader.remaining > 0) {
    const header = reader.signed()
    const length = header === 0 ? reader.unsigned() : Math.abs(header)
    const end = values.length + length
    if (end > count) throw new Malformed('a column with more rows than operations')
    if (header < 0) {
      if (wasLiteral) throw otherwise()
      while (values.length < end) {
        const value = read(reader)
        if (value === before) throw otherwise()
        values.push(value)
        before = value
      }
    } else {
      const value = header === 0 ? null : read(reader)
      const isAllNull = value === null && length === count
      if (value === before || length === 0 || header === 1 || isAllNull) throw otherwise()
      while (values.length < end) values.push(value)
      before = value
    }
    wasLiteral = header < 0
  }
  if (values.length < count) throw otherwise()
  return values
}
