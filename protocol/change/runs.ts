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

/**
 * Reads a whole column: one value or null for each of `count` rows. More rows are refused before
 * anything expands; missing ones are null.
 */
export const readRuns = <Value extends Cell>(
  reader: ByteReader,
  count: number,
  read: (reader: ByteReader) => Value,
): (Value | null)[] => {
  const values: (Value | null)[] = []
  while (reader.remaining > 0) {
    const header = reader.signed()
    const end = values.length + (header === 0 ? reader.unsigned() : Math.abs(header))
    if (end > count) throw new Malformed('a column with more rows than operations')
    if (header < 0) {
      while (values.length < end) values.push(read(reader))
    } else {
      const value = header === 0 ? null : read(reader)
      while (values.length < end) values.push(value)
    }
  }
  while (values.length < count) values.push(null)
  return values
}
