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

const namesByPeerId: Map<string, string> = new Map()
const identities: Map<string, NodeIdentity> = new Map()

/** A node's key that follows from its name. */
export function nodeIdentityOf(name: string): NodeIdentity {
  const known = identities.get(name)
  if (known !== undefined) return known
  const signer = signerOf(`node ${name}`)
  const peerId = peerIdOf(keyOfBytes(signer.publicKey))
  const identity: NodeIdentity = { peerId, sign: (message) => signer.sign(message) }
  namesByPeerId.set(peerId, name)
  identities.set(name, identity)
  return identity
}

/** The name of the node that a PeerId was made for; what is no such PeerId is a name itself. */
export function nodeNameOf(peer: string): string {
  return namesByPeerId.get(peer) ?? peer
}
