import {
  actorOf,
  admitChange,
  bytesOfKey,
  changeMessage,
  documentName,
  emptyChain,
  encodeChange,
  keyOfBytes,
  operationsFor,
  type Chain,
  type ChangeHash,
  type ChangesFrame,
  type DocumentKind,
  type Fields,
  type Operation,
  type SocietyKey,
} from '../../protocol/index.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import type { Signer } from '../../src/index.ts'

/** A signed change and its parts. */
export type Signed = {
  readonly bytes: Uint8Array
  readonly hash: ChangeHash
  readonly frame: ChangesFrame
}

/** Writes a document's changes by hand, legal or not, as a foreign node would send them. */
export class ChainAuthor {
  readonly signer: Signer
  readonly key: SocietyKey
  chain: Chain

  constructor(name: string, kind: DocumentKind) {
    this.signer = signerOf(name)
    this.key = keyOfBytes(this.signer.publicKey)
    this.chain = emptyChain(actorOf(kind, this.key), documentName(kind, this.key))
  }

  /** Signs operations as the next change, without looking whether they are legal. */
  sign(operations: readonly Operation[], time: number, header: Partial<Chain> = {}): Signed {
    const { actor, seq, nextOperation, head } = { ...this.chain, ...header }
    const { bytes, hash } = encodeChange({
      actor,
      seq: seq + 1,
      startOperation: nextOperation,
      time,
      previous: head,
      operations,
    })
    return { bytes, hash, frame: this.frame([bytes], hash) }
  }

  /** A frame of changes with this author's signature under a hash. */
  frame(changes: readonly Uint8Array[], hash: ChangeHash): ChangesFrame {
    const signature = this.signer.sign(changeMessage(hash))
    return { actor: this.chain.actor, changes, signature }
  }

  /** Writes records as the next change and goes on from it. */
  write(records: readonly Fields[], time: number): Signed {
    const operations = operationsFor(records, this.chain)
    const signed = this.sign(operations, time)
    const { actor, seq, nextOperation, head } = this.chain
    const change = {
      actor,
      seq: seq + 1,
      startOperation: nextOperation,
      time,
      previous: head,
      operations,
    }
    const admitted = admitChange(change, signed.hash, this.chain)
    if (!admitted.ok) throw new TypeError(admitted.message)
    this.chain = admitted.chain
    return signed
  }

  /** The author's public key. */
  get publicKey(): Uint8Array {
    return bytesOfKey(this.key)
  }
}
