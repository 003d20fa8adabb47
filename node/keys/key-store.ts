import { createHash, randomFillSync, sign, type KeyObject } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { didOf, keyOfBytes } from '../../protocol/index.ts'
import { Failure, type Signer } from '../../src/index.ts'
import { nodeFiles } from '../config/directory.ts'
import { createFile, readTextFile, replaceFile } from '../store/durable-file.ts'
import { privateKeyOf, publicKeyOf, seedBytes } from './ed25519-seed.ts'
import { damagedKey, formatKeyFile, parseKeyFile, type KeyFile } from './key-file.ts'
import { keyFileBytesMax } from './limits.ts'
import { seal, unseal } from './seal.ts'

const warning =
  'This key is not encrypted: whoever reads this file can sign for the society. For tests only.'

const empty = (): Failure =>
  new Failure('malformed', 'The passphrase is empty; give at least one character.')

function signerOf(key: KeyObject): Signer {
  const publicKey = publicKeyOf(key)
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) }
}

/** Writes a key's file where there is none: a key is never replaced. */
async function placeKey(directory: string, text: string): Promise<void> {
  const path = nodeFiles(directory).key
  if (await createFile(path, text)) return
  throw new Failure('malformed', `There is a key in ${path}; choose another --dir.`)
}

/** What the encryption is bound to, so that a seed fits no other file. */
function contextOf(file: Pick<KeyFile, 'did' | 'publicKey'>): string {
  return `society key ${file.did} ${file.publicKey}`
}

/**
 * Makes a society's key: `key.json`, mode 0600, its seed encrypted under the passphrase; with null
 * in clear, for tests only. Fails with `malformed` where there is a key already, which is never
 * replaced, and on an empty passphrase.
 */
export async function createKey(directory: string, passphrase: string | null): Promise<Signer> {
  if (passphrase === '') throw empty()
  const seed = randomFillSync(new Uint8Array(seedBytes))
  try {
    const signer = signerOf(privateKeyOf(seed))
    const publicKey = keyOfBytes(signer.publicKey)
    const clear = { format: 1, did: didOf(publicKey), publicKey } as const
    const text = formatKeyFile({
      ...clear,
      seed:
        passphrase === null
          ? { protection: 'none', warning, secret: Buffer.from(seed).toString('hex') }
          : await seal(seed, passphrase, contextOf(clear)),
    })
    await placeKey(directory, text)
    return signer
  } finally {
    seed.fill(0)
  }
}

/**
 * Puts the text of a key file that was exported into a directory; answers the society's id. Fails
 * with `store-damaged` naming `from`, and `malformed` where there is a key already.
 */
export async function importKey(directory: string, from: string, text: string): Promise<string> {
  const { did } = parseKeyFile(from, text)
  await placeKey(directory, text)
  return did
}

async function seedOf(path: string, file: KeyFile, passphrase: string | null): Promise<Uint8Array> {
  if (file.seed.protection === 'none') {
    if (passphrase === null) return Buffer.from(file.seed.secret, 'hex')
    throw new Failure(
      'wrong-passphrase',
      `${path} was made without a passphrase; start with --insecure-no-passphrase.`,
    )
  }
  if (passphrase === null) {
    throw new Failure('wrong-passphrase', `${path} is encrypted; its passphrase is needed.`)
  }
  const seed = await unseal(file.seed, passphrase, contextOf(file))
  if (seed !== undefined) return seed
  throw new Failure('wrong-passphrase', `The passphrase does not open ${path}.`)
}

/**
 * Opens a society's key with the passphrase it was made with, null if with none. Fails with
 * `wrong-passphrase`, `store-damaged`, `unsupported-version`, and `malformed` where there is none.
 */
export async function openKey(directory: string, passphrase: string | null): Promise<Signer> {
  const path = nodeFiles(directory).key
  const file = await fileAt(path)
  const seed = await seedOf(path, file, passphrase)
  try {
    return checkedSigner(path, file, seed)
  } finally {
    seed.fill(0)
  }
}

async function fileAt(path: string): Promise<KeyFile> {
  const text = await readTextFile(path, keyFileBytesMax)
  if (text !== undefined) return parseKeyFile(path, text)
  throw new Failure('malformed', `There is no ${path}; make a key with 'society init'.`)
}

/** The signer of a seed, which has to be that of the public key in its file. */
function checkedSigner(path: string, file: KeyFile, seed: Uint8Array): Signer {
  const signer = signerOf(privateKeyOf(seed))
  const publicKey = keyOfBytes(signer.publicKey)
  if (publicKey !== file.publicKey || didOf(publicKey) !== file.did) {
    throw damagedKey(path, 'names another public key than its own')
  }
  return signer
}

/**
 * Encrypts a society's key under another passphrase, which is asked for once the key is open; after
 * a crash at any moment the file is as before or as after. A node that runs has its key already.
 * Answers the society's id. Fails as `openKey`, and with `malformed` on an empty passphrase.
 */
export async function sealKeyAnew(
  directory: string,
  before: string | null,
  after: () => Promise<string>,
): Promise<string> {
  const path = nodeFiles(directory).key
  const file = await fileAt(path)
  const seed = await seedOf(path, file, before)
  try {
    checkedSigner(path, file, seed)
    const passphrase = await after()
    if (passphrase === '') throw empty()
    const { did, publicKey } = file
    const sealed = await seal(seed, passphrase, contextOf(file))
    await replaceFile(path, formatKeyFile({ format: 1, did, publicKey, seed: sealed }))
    return did
  } finally {
    seed.fill(0)
  }
}

const nodeKeySchema = Type.Object(
  {
    format: Type.Literal(1),
    seed: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    // Files made before it was written lack it.
    checksum: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  },
  { additionalProperties: false },
)

/** SHA-256 that tells a digit that changed from another key. */
function checksumOf(seed: string): string {
  return createHash('sha256').update(seed).digest('hex')
}

/**
 * The 32-byte seed of the node's own libp2p key from `node-key.json`, mode 0600, made where there
 * is none. The caller zeroes it. Damaged: `store-damaged`.
 */
export async function openNodeKey(directory: string): Promise<Uint8Array> {
  const path = nodeFiles(directory).nodeKey
  let text = await readTextFile(path, keyFileBytesMax)
  if (text === undefined) {
    const made = randomFillSync(Buffer.alloc(seedBytes))
    const hex = made.toString('hex')
    made.fill(0)
    const content = { format: 1, seed: hex, checksum: checksumOf(hex) }
    await createFile(path, `${JSON.stringify(content)}\n`)
    // Read back: if another process was first, its key counts.
    text = (await readTextFile(path, keyFileBytesMax)) ?? ''
  }
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    // Falls through to the check; the parser's error would quote the file.
  }
  const { checksum, seed = '' } = Value.Check(nodeKeySchema, file) ? file : {}
  if (seed === '' || (checksum !== undefined && checksum !== checksumOf(seed))) {
    throw new Failure(
      'store-damaged',
      `${path} is damaged. Move it away: the node makes a new one, which the society certifies.`,
    )
  }
  return new Uint8Array(Buffer.from(seed, 'hex'))
}
