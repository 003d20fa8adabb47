import { setTimeout as pause } from 'node:timers/promises'
import { Item, made, openShelf, stopPeerbit } from '../peers/shelf.ts'

/** Longest wait for the third to have both, in ms. */
const waitMs = 20_000
type Keys = { readonly Ed25519Keypair: { create(): Promise<unknown> } }

const { Ed25519Keypair } = await made<Keys>('@peerbit/crypto')
const identity = await Ed25519Keypair.create()
const paid = (to: string): Item => new Item('payment', new TextEncoder().encode(to))
const one = await openShelf()
const other = await openShelf(one.shelf.clone())
await one.shelf.docs.put(paid('50 to Alice'), { unique: true, identity })
await other.shelf.docs.put(paid('50 to Bob'), { unique: true, identity })
const third = await openShelf(
  one.shelf.address,
  [one, other].map(({ running }) => running.peer.getMultiaddrs()),
)
const startedAt = performance.now()
const { log } = third.shelf.docs.log
while (log.length < 2 && performance.now() - startedAt < waitMs) await pause(50)
process.send?.(
  log.length === 2
    ? 'a third node takes both pasts, nothing noticed'
    : `a third node takes ${log.length} of two pasts, nothing noticed`,
)
await Promise.all([one, other, third].map(({ running }) => stopPeerbit(running)))
process.exit()
