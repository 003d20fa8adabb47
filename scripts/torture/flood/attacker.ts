/**
 * A peer without manners: `node attacker.ts ATTACK ADDRESS SECONDS`. Prints `cut MS` when it is cut
 * off, counted from the first blow, and at the end `blows COUNT`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { encodeSyncRequest } from '../../../protocol/index.ts'
import { roguePeer, type RoguePeer } from '../../../test/support/rogue-peer.ts'

const [, , attack = '', address = '', seconds = '10'] = process.argv
// From the moment at which it is connected.
let endMs = Number.POSITIVE_INFINITY
/** Ten times what a node takes of one peer in a second, in parts of 50 ms. */
const messagesAtOnce = 500
const tickMs = 50
let blows = 0

const begin = (): number => (endMs = performance.now() + Number(seconds) * 1_000)
const isOver = (): boolean => performance.now() > endMs

/** Strikes until it is cut off or the time is over. */
async function strike(rogue: RoguePeer, blow: () => unknown): Promise<void> {
  begin()
  const began = performance.now()
  const cut = new AbortController()
  rogue.libp2p.addEventListener('connection:close', () => {
    if (!cut.signal.aborted) console.log(`cut ${Math.round(performance.now() - began)}`)
    cut.abort()
  })
  while (!cut.signal.aborted && !isOver()) {
    await Promise.resolve(blow()).catch(() => undefined)
    await pause(tickMs)
  }
}

// As anybody reads them off the wire.
const topic = '/society/1/test-torture/trust'
const syncProtocol = '/society/sync/1'

/** Nonsense, each message another, ten times as many as a node takes. */
async function messages(): Promise<void> {
  const rogue = await roguePeer(address)
  rogue.libp2p.services.gossipsub.subscribe(topic)
  await pause(1_500)
  await strike(rogue, async () => {
    for (let n = 0; n < messagesAtOnce; n += 1) {
      const data = Buffer.from(`nonsense ${blows++} ${'x'.repeat(200)}`)
      await rogue.libp2p.services.gossipsub.publish(topic, data).catch(() => undefined)
    }
  })
}

async function subscriptions(): Promise<void> {
  const rogue = await roguePeer(address)
  await pause(1_500)
  await strike(rogue, () => {
    for (let n = 0; n < messagesAtOnce; n += 1) {
      rogue.libp2p.services.gossipsub.subscribe(`society/test/${blows++ % 4_000}`)
      if (blows > 4_000)
        rogue.libp2p.services.gossipsub.unsubscribe(`society/test/${blows % 4_000}`)
    }
  })
}

/** New identities, each with a connection that lives for a moment. */
async function churn(): Promise<void> {
  begin()
  while (!isOver()) {
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const rogue = await roguePeer(address).catch(() => undefined)
        blows += 1
        await rogue?.stop()
      }),
    )
  }
}

/** Asks for everything on many streams and reads nothing. */
async function slowReader(): Promise<void> {
  const rogue = await roguePeer(address)
  const body = encodeSyncRequest({ type: 'frontier', entries: [], ends: [] })
  await strike(rogue, async () => {
    const stream = await rogue.stream(syncProtocol)
    stream.pause()
    blows += 1
    await rogue.write(stream, [body, body, body, body])
  })
}

const attacks: Readonly<Record<string, () => Promise<void>>> = {
  messages,
  subscriptions,
  churn,
  'slow-reader': slowReader,
}
await attacks[attack]?.()
console.log(`blows ${blows}`)
process.exit(0)
