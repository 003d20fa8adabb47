import { createHash } from 'node:crypto'
import { Failure } from '../../src/index.ts'
import { entriesMax, nameBytesMax, valueBytesMax } from './limits.ts'

/** One part of a backup: a file of the node's directory, or a record of its store. */
export type Entry = {
  readonly type: 'file' | 'record'
  readonly name: string
  readonly value: Uint8Array
}

const magic = Buffer.from('society backup 1\n')
const types = { end: 0, file: 1, record: 2 } as const
const digestBytes = 32
const headBytes = 9

/**
 * The bytes of an archive: a line that names the format; entries (type, lengths of name and value
 * as 32-bit numbers, high byte first, name, value); at the end SHA-256 of all before.
 */
export async function* encodeArchive(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256').update(magic)
  yield magic
  for await (const { type, name, value } of entries) {
    const nameBytes = Buffer.from(name)
    const head = Buffer.alloc(headBytes)
    head.writeUInt8(types[type], 0)
    head.writeUInt32BE(nameBytes.length, 1)
    head.writeUInt32BE(value.length, 5)
    const bytes = Buffer.concat([head, nameBytes, value])
    hash.update(bytes)
    yield bytes
  }
  const end = Buffer.alloc(headBytes)
  hash.update(end)
  yield Buffer.concat([end, hash.digest()])
}

const damaged = (what: string, cause?: unknown): Failure =>
  new Failure('malformed', `The backup ${what}; take another one.`, { cause })

/** Reads so many bytes at a time from pieces of any size. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async take(length: number): Promise<Buffer> {
    const parts = [this.#rest]
    let have = this.#rest.length
    while (have < length) {
      const next = await this.#source.next()
      if (next.done === true) throw damaged('ends too early')
      parts.push(Buffer.from(next.value))
      have += next.value.length
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts)
    this.#rest = all.subarray(length)
    return all.subarray(0, length)
  }

  async isOver(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#source.next()
      if (next.done === true) return true
      this.#rest = Buffer.from(next.value)
    }
    return false
  }
}

/**
 * Entries of an archive as they are read. Fails with `malformed` where anything is not as it
 * was written, at the latest at its end; `unsupported-version` for a newer format.
 */
export async function* decodeArchive(source: AsyncIterable<Uint8Array>): AsyncGenerator<Entry> {
  const pieces = new Pieces(source)
  const first = await pieces.take(magic.length)
  if (!first.equals(magic)) {
    if (!first.toString('latin1').startsWith('society backup ')) throw damaged('is none')
    throw new Failure('unsupported-version', 'The backup is of a newer version of the program.')
  }
  const hash = createHash('sha256').update(first)
  for (let count = 0; count < entriesMax; count++) {
    const head = await pieces.take(headBytes)
    hash.update(head)
    const [kind, nameLength, length] = [head[0], head.readUInt32BE(1), head.readUInt32BE(5)]
    if (kind === types.end) {
      const isWhole = nameLength === 0 && length === 0
      const digest = await pieces.take(digestBytes)
      if (!isWhole || !digest.equals(hash.digest())) throw damaged('does not fit its checksum')
      if (!(await pieces.isOver())) throw damaged('goes on after its end')
      return
    }
    const isKnown = kind === types.file || kind === types.record
    if (!isKnown || nameLength > nameBytesMax || length > valueBytesMax) {
      throw damaged('holds what no backup does')
    }
    const body = await pieces.take(nameLength + length)
    hash.update(body)
    const name = body.toString('utf8', 0, nameLength)
    const value = new Uint8Array(body.subarray(nameLength))
    yield { type: kind === types.file ? 'file' : 'record', name, value }
  }
  throw damaged('never ends')
}
