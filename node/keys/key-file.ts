import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { Failure } from '../../src/index.ts'
import { argonKibibytesMax, argonPassesMax } from './limits.ts'

/** A seed under a passphrase: argon2id gives the key of AES-256-GCM. Bytes in lower-case hex. */
export type EncryptedSeed = {
  readonly protection: 'argon2id, aes-256-gcm'
  readonly memoryKibibytes: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: string
  readonly nonce: string
  readonly ciphertext: string
  readonly tag: string
}

/** A seed for all to read, in hex, and a sentence that says so. */
export type ClearSeed = {
  readonly protection: 'none'
  readonly warning: string
  readonly secret: string
}

/** What `key.json` says in clear. */
export type KeyFileContent = {
  readonly format: 1
  readonly did: string
  readonly publicKey: string
  readonly seed: EncryptedSeed | ClearSeed
}

/** What `key.json` holds. Its checksum (SHA-256) tells damage from a wrong passphrase. */
export type KeyFile = KeyFileContent & { readonly checksum: string }

const closed = { additionalProperties: false }
const hex = (bytes: number): Type.TString => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` })

const encryptedSchema = Type.Object(
  {
    protection: Type.Literal('argon2id, aes-256-gcm'),
    memoryKibibytes: Type.Integer({ minimum: 8, maximum: argonKibibytesMax }),
    passes: Type.Integer({ minimum: 1, maximum: argonPassesMax }),
    parallelism: Type.Literal(1),
    salt: hex(16),
    nonce: hex(12),
    ciphertext: hex(32),
    tag: hex(16),
  },
  closed,
)

const clearSchema = Type.Object(
  { protection: Type.Literal('none'), warning: Type.String(), secret: hex(32) },
  closed,
)

const keyFileSchema = Type.Object(
  {
    format: Type.Literal(1),
    did: Type.String(),
    publicKey: hex(32),
    seed: Type.Union([encryptedSchema, clearSchema]),
    checksum: hex(32),
  },
  closed,
)

function checksum(file: KeyFileContent): string {
  const { format, did, publicKey, seed } = file
  const parts = Object.entries(seed).map(([name, value]) => `${name} ${value}`)
  const text = [format, did, publicKey, ...parts.toSorted()].join('\n')
  return createHash('sha256').update(text).digest('hex')
}

/** The failure of a key file that is not as it was written. */
export function damagedKey(path: string, what: string): Failure {
  return new Failure(
    'store-damaged',
    `${path} is damaged: it ${what}. Restore it from a backup; nothing else can replace it.`,
  )
}

/** The text of a key file. */
export function formatKeyFile(file: KeyFileContent): string {
  return `${JSON.stringify({ ...file, checksum: checksum(file) }, undefined, 2)}\n`
}

/**
 * Reads the text of a key file. Damaged: `store-damaged`; of a newer format: `unsupported-version`.
 * No error quotes the text, nor has a cause that does.
 */
export function parseKeyFile(path: string, text: string): KeyFile {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw damagedKey(path, 'is not JSON')
  }
  const newer = Type.Object({ format: Type.Integer({ minimum: 2 }) })
  if (Value.Check(newer, file)) {
    throw new Failure(
      'unsupported-version',
      `${path} has format ${file.format}; this program reads format 1.`,
    )
  }
  if (!Value.Check(keyFileSchema, file)) throw damagedKey(path, 'lacks fields or has others')
  if (checksum(file) !== file.checksum) throw damagedKey(path, 'does not fit its checksum')
  return file
}
