import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { hashes, verify as verifyZip215 } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import type { SignatureCheck, Verifier } from '../../src/index.ts'
import { verifierKeysMax } from './limits.ts'

// SubjectPublicKeyInfo of an ed25519 key (RFC 8410) up to the key itself.
const prefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Keys in OpenSSL's form by their bytes; the one unused longest goes first. */
class KeyCache {
  readonly #keysMax: number
  readonly #keys = new Map<string, KeyObject>()

  constructor(keysMax: number) {
    this.#keysMax = keysMax
  }

  get(publicKey: Uint8Array): KeyObject {
    const name = Buffer.from(publicKey).toString('latin1')
    let key = this.#keys.get(name)
    if (key === undefined) {
      const der = Buffer.concat([prefix, publicKey])
      key = createPublicKey({ key: der, format: 'der', type: 'spki' })
      const oldest = this.#keys.keys().next()
      if (this.#keys.size >= this.#keysMax && oldest.done !== true) {
        this.#keys.delete(oldest.value)
      }
    } else {
      this.#keys.delete(name)
    }
    this.#keys.set(name, key)
    return key
  }
}

/**
 * ed25519 checks with ZIP-215 semantics, so that all nodes agree on every signature. OpenSSL, which
 * is about ten times faster and strictly stricter, is asked first; only its no goes to noble.
 * False for anything malformed; never throws. Keeps `keysMax` public keys ready.
 */
export function createVerifier(keysMax: number = verifierKeysMax): Verifier {
  hashes.sha512 = sha512
  const cache = new KeyCache(keysMax)
  return {
    verify(signature, message, publicKey) {
      if (signature.length !== 64 || publicKey.length !== 32) return false
      try {
        if (verify(null, message, cache.get(publicKey), signature)) return true
      } catch {
        // OpenSSL did not take the key; ZIP-215 may.
      }
      try {
        return verifyZip215(signature, message, publicKey, { zip215: true })
      } catch {
        return false
      }
    },
  }
}

function nameOfCheck({ signature, message, publicKey }: SignatureCheck): string {
  // Signature and key have fixed lengths, so no two checks have one name.
  return Buffer.concat([signature, publicKey, message]).toString('latin1')
}

/**
 * The same, which checks signatures aside in OpenSSL's threads when it is told of them beforehand.
 * A yes of theirs is remembered until the next call; everything else is asked again.
 */
export function createThreadedVerifier(keysMax: number = verifierKeysMax): Verifier {
  const verifier = createVerifier(keysMax)
  const cache = new KeyCache(keysMax)
  const good = new Set<string>()
  const holds = (check: SignatureCheck): Promise<boolean> =>
    new Promise((resolve) => {
      try {
        const key = cache.get(check.publicKey)
        verify(null, check.message, key, check.signature, (error, isGood) => {
          resolve(error === null && isGood)
        })
      } catch {
        // OpenSSL did not take the key; ZIP-215 may.
        resolve(false)
      }
    })
  return {
    verify(signature, message, publicKey) {
      const check = { signature, message, publicKey }
      const isShaped = signature.length === 64 && publicKey.length === 32
      if (isShaped && good.size > 0 && good.has(nameOfCheck(check))) return true
      return verifier.verify(signature, message, publicKey)
    },
    async ahead(checks) {
      good.clear()
      const shaped = checks.filter(
        ({ signature, publicKey }) => signature.length === 64 && publicKey.length === 32,
      )
      const answers = await Promise.all(shaped.map(holds))
      for (const [at, check] of shaped.entries()) if (answers[at]) good.add(nameOfCheck(check))
    },
  }
}
