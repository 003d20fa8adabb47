import { setTimeout as pause } from 'node:timers/promises'
import type { Figures } from '../trial.ts'
import { made, openLog, startOrbit, stopOrbit } from './orbit.ts'
import { contentNumbered } from './record.ts'
import { servePeer, type PeerLog, type Served } from './serve-peer.ts'

/** Looks at the events counted between two at the whole log. */
const looksBetween = 25

type Joining = { readonly address: string; readonly database: string; readonly count: number }

const load = (): Promise<unknown> => Promise.all([made('@orbitdb/core'), made('helia')])

async function open(): Promise<PeerLog> {
  const running = await startOrbit()
  const database = await openLog(running)
  return {
    append: (number) => database.add(contentNumbered(number)),
    close: () => stopOrbit(running),
  }
}

async function serve(count: number): Promise<Served<Joining>> {
  const running = await startOrbit()
  const database = await openLog(running)
  for (let at = 0; at < count; at++) await database.add(contentNumbered(at))
  const address = running.helia.libp2p.getMultiaddrs()[0]?.toString() ?? ''
  return {
    joining: { address, database: database.address, count },
    close: () => stopOrbit(running),
  }
}

async function joinNow({ address, database, count }: Joining): Promise<Figures> {
  const { multiaddr } = await made<{ readonly multiaddr: (text: string) => unknown }>(
    '@multiformats/multiaddr',
  )
  const startedAt = performance.now()
  const running = await startOrbit()
  await running.helia.libp2p.dial(multiaddr(address))
  const copy = await running.orbit.open(database, { type: 'events' })
  // Reading the whole log each time would slow it down: its events are counted.
  const seen = new Set<number>()
  copy.events.on('update', () => seen.add(seen.size))
  let looks = 0
  // What came before this listened shows only there.
  const isThere = async (): Promise<boolean> =>
    seen.size >= count || (++looks % looksBetween === 0 && (await copy.all()).length >= count)
  while (!(await isThere())) await pause(20)
  const ms = performance.now() - startedAt
  await stopOrbit(running)
  return { ms }
}

// A log appends one entry after the other whoever calls it.
await servePeer(import.meta.url, { load, open, callers: 1, serve, join: joinNow })
