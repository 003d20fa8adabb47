import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { SignatureCheck } from '../../src/index.ts'

// SubjectPublicKeyInfo of an ed25519 key (RFC 8410) up to the key itself.
const prefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Keys in OpenSSL's form by their bytes; the one unused longest goes first. */
export class OpenSslKeys {
  readonly #keysMax: number
  readonly #keys = new Map<string, KeyObject>()

  constructor(keysMax: number) {
    this.#keysMax = keysMax
  }

  /** Whether OpenSSL takes a signature; false where it does not take the key. */
  verify({ signature, message, publicKey }: SignatureCheck): boolean {
    try {
      return verify(null, message, this.#get(publicKey), signature)
    } catch {
      return false
    }
  }

  #get(publicKey: Uint8Array): KeyObject {
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
