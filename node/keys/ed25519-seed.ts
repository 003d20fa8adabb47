import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** Bytes of an ed25519 seed, which is the private key of RFC 8032. */
export const seedBytes = 32

// PKCS #8 of an ed25519 key (RFC 8410) up to the seed itself.
const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The private key of a seed. The copy that is made on the way is zeroed; the seed is not. */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  const der = Buffer.alloc(prefix.length + seedBytes)
  try {
    der.set(prefix)
    der.set(seed, prefix.length)
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } finally {
    der.fill(0)
  }
}

/** The 32 bytes of the public key that belongs to a private key. */
export function publicKeyOf(key: KeyObject): Uint8Array {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return new Uint8Array(der.subarray(-32))
}
