import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress, type ZstdDecompress } from 'node:zlib'
import { backingBytesMax } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import { backingFileBytesMax, compressionLevel, headerBytesMax, windowLogMax } from './limits.ts'

const version = 1
const lineFeed = 10
const compress = promisify(zstdCompress)

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * The file of an answer's content: a line `society-backing/1 <bytes of the content> <SHA-256 of
 * what follows>`, then the content as one zstd frame.
 */
export async function sealBackingFile(content: Uint8Array): Promise<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: compressionLevel }
  const body = await compress(content, { params })
  const header = `society-backing/${version} ${content.length} ${sha256(body)}\n`
  return Buffer.concat([Buffer.from(header, 'latin1'), body])
}

const malformed = (message: string, cause?: unknown): Failure =>
  new Failure('malformed', message, { cause })

/** Length of the content and the body of a file, whose digest holds. */
function headerOf(file: Uint8Array): { readonly length: number; readonly body: Uint8Array } {
  const end = file.subarray(0, headerBytesMax).indexOf(lineFeed)
  const line = Buffer.from(file.subarray(0, Math.max(end, 0))).toString('latin1')
  const [, told] = /^society-backing\/([1-9]\d{0,8})(?: |$)/.exec(line) ?? []
  if (told === undefined) throw malformed('this is no file of `society backing ID --export FILE`')
  if (Number(told) !== version) {
    throw new Failure('unsupported-version', `the file is of version ${told}, known is ${version}`)
  }
  const [, length, digest] = /^\S+ ([1-9]\d{0,9}) ([0-9a-f]{64})$/.exec(line) ?? []
  const body = file.subarray(end + 1)
  if (digest !== sha256(body)) throw malformed('the file is damaged: its digest does not fit')
  if (Number(length) > backingBytesMax) {
    throw new Failure('too-large', `the file says it has more than ${backingBytesMax} bytes`)
  }
  return { length: Number(length), body }
}

/** The content of a frame, and how much of the input it took. */
function decompress(
  body: Uint8Array,
  length: number,
): Promise<[content: Uint8Array, used: number]> {
  const params = { [constants.ZSTD_d_windowLogMax]: windowLogMax }
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: unknown): void => {
      if (error !== null) return reject(error)
      // With `info` the engine comes along, which the types do not tell.
      const { buffer, engine } = result as { buffer: Buffer; engine: ZstdDecompress }
      resolve([buffer, engine.bytesWritten])
    }
    zstdDecompress(body, { params, maxOutputLength: length, info: true }, done)
  })
}

/**
 * The content of a file. Fails with `malformed` where any byte of it is not as it was written,
 * `too-large`, or `unsupported-version`. Takes no more memory than the file says, and at most
 * `backingBytesMax`.
 */
export async function openBackingFile(file: Uint8Array): Promise<Uint8Array> {
  if (file.length > backingFileBytesMax) {
    throw new Failure('too-large', `the file has more than ${backingFileBytesMax} bytes`)
  }
  const { length, body } = headerOf(file)
  let content: Uint8Array
  let used: number
  try {
    ;[content, used] = await decompress(body, length)
  } catch (cause) {
    throw malformed('the file does not decompress to what it says', cause)
  }
  if (content.length !== length) throw malformed('the file holds less than it says')
  if (used !== body.length) throw malformed('the file has bytes that belong to nothing')
  return content
}
