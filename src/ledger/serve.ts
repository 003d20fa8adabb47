import type { Actor, ChangesFrame } from '../../protocol/index.ts'
import { frameBytes } from '../limits.ts'
import type { Store } from '../ports.ts'
import { keys, seqOfKey } from './layout.ts'

/** Bytes that reading ahead for one frame may hold before it gives up to find a signature. */
const unsignedBytesMax = 4 * 1_048_576
/** Bytes of changes that surely fit an answer of 1 MiB, with a length before each of them. */
const fittingBytes = 1_000_000

/**
 * Frames of a document from a place on, together about `bytesMax`: runs of changes, each ending at
 * one that has a signature of its own. Reads signatures and changes side by side, in order.
 */
export async function framesFrom(
  store: Store,
  actor: Actor,
  from: number,
  bytesMax: number,
): Promise<readonly ChangesFrame[]> {
  const signatures = await signaturesFrom(store, actor, from)
  const frames: ChangesFrame[] = []
  let run: Uint8Array[] = []
  let runBytes = 0
  let total = 0
  const range = { gte: keys.change(actor, from), lt: keys.changesEnd(actor) }
  for await (const [key, bytes] of store.range(range)) {
    run.push(bytes)
    runBytes += bytes.length
    total += bytes.length
    // Whoever signs seldom must not make an answer that nobody takes: its run comes by itself.
    if (frames.length > 0 && total > fittingBytes) return frames
    const signature = signatures.get(seqOfKey(key))
    const full = runBytes >= frameBytes || total >= bytesMax
    if (signature !== undefined && (full || signatures.last === seqOfKey(key))) {
      frames.push({ actor, changes: run, signature })
      if (total >= bytesMax) return frames
      run = []
      runBytes = 0
    }
    if (runBytes > unsignedBytesMax) return frames
  }
  return frames
}

class Signatures extends Map<number, Uint8Array> {
  last = 0
}

const signaturesReadMax = 8_192

async function signaturesFrom(store: Store, actor: Actor, from: number): Promise<Signatures> {
  const found = new Signatures()
  const range = {
    gte: keys.signature(actor, from),
    lt: keys.signaturesEnd(actor),
    limit: signaturesReadMax,
  }
  for await (const [key, signature] of store.range(range)) {
    const seq = seqOfKey(key)
    found.set(seq, signature)
    found.last = seq
  }
  return found
}
