import { createHash } from 'node:crypto'
import { ByteReader } from '../../protocol/change/byte-reader.ts'
import { ByteWriter } from '../../protocol/change/byte-writer.ts'

/** Unsigned LEB128. */
export const leb = (value: number): Uint8Array => {
  const writer = new ByteWriter()
  writer.unsigned(value)
  return writer.copy()
}

/** Signed LEB128. */
export const signedLeb = (value: number): Uint8Array => {
  const writer = new ByteWriter()
  writer.signed(value)
  return writer.copy()
}

/** The same number, one byte longer than need be. */
export const overlong = (number: Uint8Array): Uint8Array => {
  const last = number.length - 1
  return bytesOf(number.subarray(0, last), [number[last]! | 128, 0])
}

/** All parts in a row. */
export const bytesOf = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => [...part]))

/** How a chunk is framed around its body, for frames other than the right one. */
export type Frame = {
  readonly magic?: readonly number[]
  readonly type?: number
  readonly length?: Uint8Array
  readonly checksum?: Uint8Array
  /** What is hashed instead of the body, where Automerge hashes something else. */
  readonly hashed?: Uint8Array
}

/** A chunk of this body, with the right checksum unless another one is given. */
export const frameOf = (body: Uint8Array, frame: Frame = {}): Uint8Array => {
  const { hashed = body, length = leb(body.length) } = frame
  const hashedLength = frame.hashed === undefined ? length : leb(hashed.length)
  const digest = createHash('sha256')
    .update(bytesOf([1], hashedLength, hashed))
    .digest()
  return bytesOf(
    frame.magic ?? [0x85, 0x6f, 0x4a, 0x83],
    frame.checksum ?? digest.subarray(0, 4),
    [frame.type ?? 1],
    length,
    body,
  )
}

/** The body of a chunk. */
export const bodyOf = (bytes: Uint8Array): Uint8Array => {
  const reader = new ByteReader(bytes, 9)
  reader.unsigned()
  return reader.raw(reader.remaining)
}

/** A column of a change: its number and its bytes. */
export type Column = {
  readonly id: Uint8Array
  readonly length: Uint8Array
  readonly data: Uint8Array
}

/** A change's body, taken apart; every part is the bytes of it. */
export type Parts = {
  readonly previousCount: Uint8Array
  readonly previous: Uint8Array
  readonly actorLength: Uint8Array
  readonly actor: Uint8Array
  readonly seq: Uint8Array
  readonly startOperation: Uint8Array
  readonly time: Uint8Array
  readonly message: Uint8Array
  readonly others: Uint8Array
  readonly columnCount: Uint8Array
  readonly columns: readonly Column[]
  readonly extra: Uint8Array
}

/** Takes the body of a change of ours apart. */
export const partsOf = (body: Uint8Array): Parts => {
  const reader = new ByteReader(body)
  const number = (): number => reader.unsigned()
  const previousCount = number()
  const previous = reader.raw(32 * previousCount)
  const actorLength = number()
  const actor = reader.raw(actorLength)
  const seq = leb(number())
  const startOperation = leb(number())
  const time = signedLeb(reader.signed())
  const message = leb(number())
  const others = leb(number())
  const directory = Array.from({ length: number() }, () => ({ id: number(), length: number() }))
  const columns = directory.map(({ id, length }) => columnOf(id, reader.raw(length)))
  return {
    previousCount: leb(previousCount),
    previous,
    actorLength: leb(actorLength),
    actor,
    seq,
    startOperation,
    time,
    message,
    others,
    columnCount: leb(columns.length),
    columns,
    extra: new Uint8Array(),
  }
}

/** A column with its right length. */
export const columnOf = (id: number, data: Uint8Array): Column => ({
  id: leb(id),
  length: leb(data.length),
  data,
})

/** Puts a body together again. */
export const joinParts = (parts: Parts): Uint8Array =>
  bytesOf(
    parts.previousCount,
    parts.previous,
    parts.actorLength,
    parts.actor,
    parts.seq,
    parts.startOperation,
    parts.time,
    parts.message,
    parts.others,
    parts.columnCount,
    ...parts.columns.flatMap(({ id, length }) => [id, length]),
    ...parts.columns.map(({ data }) => data),
    parts.extra,
  )
