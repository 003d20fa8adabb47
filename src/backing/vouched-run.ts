import type { Actor } from '../../protocol/index.ts'
import { allOf, keys, seqOfKey } from '../ledger/layout.ts'
import { tailAfter } from '../ledger/serve.ts'
import type { Store } from '../ports.ts'

/** Where a document's changes up to a place are vouched for. */
export type Voucher = {
  /** Place of the last stored change that belongs to it. */
  readonly last: number
  /** Changes after that one, up to the signature: they could not be judged yet. */
  readonly tail: readonly Uint8Array[]
  readonly signature: Uint8Array
}

/**
 * The first signature that vouches for a document's changes up to a place, not after another place;
 * or, for what is at that place, what is kept beyond it. Undefined where none is stored any more.
 */
export async function voucherOf(
  store: Store,
  actor: Actor,
  upTo: number,
  notAfter: number,
): Promise<Voucher | undefined> {
  const range = {
    ...allOf('signature', actor),
    gte: keys.signature(actor, upTo),
    ...(notAfter === Infinity ? {} : { lt: keys.signature(actor, notAfter + 1) }),
    limit: 1,
  }
  for await (const [key, signature] of store.range(range)) {
    return { last: seqOfKey(key), tail: [], signature }
  }
  const rest = { ...allOf('change', actor), gte: keys.change(actor, upTo) }
  for await (const [key, newest] of store.range({ ...rest, reverse: true, limit: 1 })) {
    const last = seqOfKey(key)
    const tail = last > notAfter ? undefined : await tailAfter(store, actor, newest)
    if (tail !== undefined) return { last, tail: tail.changes, signature: tail.signature }
  }
  return undefined
}
