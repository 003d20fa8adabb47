import { createReadStream } from 'node:fs'
import { Readable, type Transform } from 'node:stream'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { Decrypter, Encrypter } from 'age-encryption'
import { Failure } from '../../src/index.ts'
import { reasonOf } from '../store/file-failure.ts'
import { decodeArchive, encodeArchive, type Entry } from './archive.ts'
import { scryptLogN } from './limits.ts'

const ageMark = 'age-encryption.org/v1'

/** What comes out of a transformation; an error on the way in comes out too. */
function through(source: Readable, transform: Transform): Transform {
  source.once('error', (error) => transform.destroy(error))
  return source.pipe(transform)
}

/**
 * An archive of entries, compressed with zstd and encrypted with age under a passphrase; with null
 * not encrypted, for keys that are not either.
 */
export async function sealArchive(
  entries: AsyncIterable<Entry>,
  passphrase: string | null,
): Promise<Readable> {
  const compressed = through(Readable.from(encodeArchive(entries)), createZstdCompress())
  if (passphrase === null) return compressed
  const encrypter = new Encrypter()
  encrypter.setScryptWorkFactor(scryptLogN)
  encrypter.setPassphrase(passphrase.normalize('NFKC'))
  const plain = Readable.toWeb(compressed) as ReadableStream<Uint8Array>
  return Readable.fromWeb((await encrypter.encrypt(plain)) as never)
}

async function startOf(file: string): Promise<string> {
  try {
    const start = createReadStream(file, { end: ageMark.length - 1 })
    return Buffer.concat(await start.toArray()).toString('latin1')
  } catch (cause) {
    throw new Failure('file-refused', `${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

/** Whether a backup needs a passphrase. Fails with `file-refused` where it cannot be read. */
export async function isEncrypted(file: string): Promise<boolean> {
  return (await startOf(file)) === ageMark
}

async function decrypted(file: string, passphrase: string | null): Promise<Readable> {
  const source = createReadStream(file)
  if (!(await isEncrypted(file))) return source
  if (passphrase === null) {
    throw new Failure('wrong-passphrase', `${file} is encrypted; its passphrase is needed.`)
  }
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase.normalize('NFKC'))
  try {
    const bytes = Readable.toWeb(source) as ReadableStream<Uint8Array>
    return Readable.fromWeb((await decrypter.decrypt(bytes)) as never)
  } catch (cause) {
    throw new Failure('wrong-passphrase', `The passphrase does not open ${file}.`, { cause })
  }
}

/**
 * Entries of a backup. Fails with `wrong-passphrase`, `file-refused`, `unsupported-version`, and
 * `malformed` where it is not as it was written.
 */
export async function* openArchive(file: string, passphrase: string | null): AsyncGenerator<Entry> {
  const source = await decrypted(file, passphrase)
  try {
    yield* decodeArchive(through(source, createZstdDecompress()))
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    const message = `${file} is no backup, or not as it was written; take another one.`
    throw new Failure('malformed', message, { cause })
  } finally {
    source.destroy()
  }
}
