import {
  admitChange,
  changeMessage,
  decodeChange,
  documentName,
  emptyChain,
  encodeChange,
  encodeGossip,
  keyOfBytes,
  operationsFor,
  peekChange,
  actorOf,
  type Chain,
  type ChangeHash,
  type ChangesFrame,
  type DocumentKind,
  type Fields,
} from '../../protocol/index.ts'
import type { Signer } from '../../src/index.ts'

/** A change that a liar signed besides the one in its chain, and what it takes the place of. */
export type Forgery = {
  readonly frame: ChangesFrame
  readonly hash: string
  readonly seq: number
  /** The change of the same number that the liar's node has written. */
  readonly replaced: string
}

/** The chain of a document after these changes of it. Throws TypeError where they are no chain. */
export function chainOf(
  document: DocumentKind,
  signer: Signer,
  changes: readonly Uint8Array[],
): Chain {
  const key = keyOfBytes(signer.publicKey)
  let chain = emptyChain(actorOf(document, key), documentName(document, key))
  for (const bytes of changes) {
    const peeked = peekChange(bytes)
    const decoded = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
    if (!peeked.ok || !decoded.ok) throw new TypeError('no changes of a document')
    const admitted = admitChange(decoded.value, peeked.value.hash, chain)
    if (!admitted.ok) throw new TypeError(admitted.message)
    chain = admitted.chain
  }
  return chain
}

/** Signs a change on top of a chain, as no honest node does: past its own. */
export function forgeChange(
  signer: Signer,
  chain: Chain,
  records: readonly Fields[],
  timeMs: number,
): {
  readonly bytes: Uint8Array
  readonly hash: ChangeHash
  readonly signature: Uint8Array
} {
  const { bytes, hash } = encodeChange({
    actor: chain.actor,
    seq: chain.seq + 1,
    startOperation: chain.nextOperation,
    time: Math.max(timeMs, chain.time),
    previous: chain.head,
    operations: operationsFor(records, chain),
  })
  return { bytes, hash, signature: signer.sign(changeMessage(hash)) }
}

/**
 * A second change at the place of a document's newest one, as a liar makes it: `changes` are those
 * of its chain. Differs from the first even where it says the same.
 */
export function forgeSecond(
  signer: Signer,
  document: DocumentKind,
  changes: readonly Uint8Array[],
  fields: Fields,
  timeMs: number,
): Forgery {
  const newest = changes.at(-1)
  const peeked = newest === undefined ? undefined : peekChange(newest)
  if (peeked?.ok !== true) throw new TypeError('nothing was written that could be denied')
  const chain = chainOf(document, signer, changes.slice(0, -1))
  let forged = forgeChange(signer, chain, [fields], timeMs)
  if (forged.hash === peeked.value.hash) forged = forgeChange(signer, chain, [fields], timeMs + 1)
  const { bytes, hash, signature } = forged
  const frame = { actor: chain.actor, changes: [bytes], signature }
  return { frame, hash, seq: chain.seq + 1, replaced: peeked.value.hash }
}

/** The gossip message that shows changes to others. */
export function messageOf(frame: ChangesFrame): Uint8Array {
  return encodeGossip({ type: 'changes', frame })
}
