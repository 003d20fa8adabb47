import { createHash, sign } from 'node:crypto'
import { keyOfBytes, peerIdOf } from '../../protocol/index.ts'
import type { NodeIdentity, Signer } from '../../src/index.ts'
import { privateKeyOf, publicKeyOf } from '../keys/ed25519-seed.ts'

/** A signer whose key follows from a text, for worlds that must come out the same every time. */
export function signerOf(text: string): Signer {
  const key = privateKeyOf(createHash('sha256').update(`simulated key ${text}`).digest())
  const publicKey = publicKeyOf(key)
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) }
}

/** A node's key that follows from its name. */
export function nodeIdentityOf(name: string): NodeIdentity {
  const { publicKey, sign: signWith } = signerOf(`node ${name}`)
  return { peerId: peerIdOf(keyOfBytes(publicKey)), sign: (message) => signWith(message) }
}
