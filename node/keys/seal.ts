import { argon2, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { EncryptedSeed } from './key-file.ts'
import { argonKibibytes, argonPasses } from './limits.ts'

const cipher = 'aes-256-gcm'
const derive = promisify(argon2)

type Cost = Pick<EncryptedSeed, 'memoryKibibytes' | 'passes' | 'parallelism'>

async function cipherKey(passphrase: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  // One spelling, whatever keyboard and system compose the characters.
  const message = Buffer.from(passphrase.normalize('NFKC'), 'utf8')
  try {
    return await derive('argon2id', {
      message,
      nonce: salt,
      memory: cost.memoryKibibytes,
      passes: cost.passes,
      parallelism: cost.parallelism,
      tagLength: 32,
    })
  } finally {
    message.fill(0)
  }
}

/** Encrypts a seed under a passphrase, bound to `context`, the clear text of its file. */
export async function seal(
  seed: Uint8Array,
  passphrase: string,
  context: string,
): Promise<EncryptedSeed> {
  const cost = { memoryKibibytes: argonKibibytes, passes: argonPasses, parallelism: 1 }
  const salt = randomBytes(16)
  const nonce = randomBytes(12)
  const key = await cipherKey(passphrase, salt, cost)
  try {
    const encryption = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(context))
    const ciphertext = Buffer.concat([encryption.update(seed), encryption.final()])
    return {
      protection: 'argon2id, aes-256-gcm',
      ...cost,
      salt: salt.toString('hex'),
      nonce: nonce.toString('hex'),
      ciphertext: ciphertext.toString('hex'),
      tag: encryption.getAuthTag().toString('hex'),
    }
  } finally {
    key.fill(0)
  }
}

/** Decrypts a seed; undefined where passphrase or context is another. The caller zeroes it. */
export async function unseal(
  sealed: EncryptedSeed,
  passphrase: string,
  context: string,
): Promise<Uint8Array | undefined> {
  const key = await cipherKey(passphrase, Buffer.from(sealed.salt, 'hex'), sealed)
  try {
    const decryption = createDecipheriv(cipher, key, Buffer.from(sealed.nonce, 'hex'))
      .setAAD(Buffer.from(context))
      .setAuthTag(Buffer.from(sealed.tag, 'hex'))
    const seed = decryption.update(Buffer.from(sealed.ciphertext, 'hex'))
    try {
      decryption.final()
    } catch {
      seed.fill(0)
      return undefined
    }
    return seed
  } finally {
    key.fill(0)
  }
}
