import { setTimeout as pause } from 'node:timers/promises'
import { bytesBelow, removeDirectory } from '../directory.ts'
import type { Figures } from '../trial.ts'
import { recordNumbered } from './record.ts'
import { servePeer, type PeerLog, type Served } from './serve-peer.ts'
import { Item, loadShelf, made, openShelf, stopPeerbit, type Shelf } from './shelf.ts'

type Joining = {
  readonly addresses: readonly string[]
  readonly shelf: string
  readonly count: number
}

const put = ({ docs }: Shelf, number: number): Promise<unknown> =>
  docs.put(new Item(String(number), recordNumbered(number)), { unique: true })

async function open(): Promise<PeerLog> {
  const { running, shelf } = await openShelf()
  return { append: (number) => put(shelf, number), close: () => stopPeerbit(running) }
}

async function serve(count: number): Promise<Served<Joining>> {
  const { running, shelf } = await openShelf()
  for (let at = 0; at < count; at++) await put(shelf, at)
  const addresses = running.peer.getMultiaddrs().map(String)
  return {
    joining: { addresses, shelf: shelf.address, count },
    close: () => stopPeerbit(running),
  }
}

async function joinNow({ addresses, shelf: address, count }: Joining): Promise<Figures> {
  const { multiaddr } = await made<{ readonly multiaddr: (text: string) => unknown }>(
    '@multiformats/multiaddr',
  )
  await loadShelf()
  const startedAt = performance.now()
  const { running, shelf } = await openShelf(address, [addresses.map(multiaddr)])
  while (shelf.docs.log.log.length < count) await pause(20)
  const ms = performance.now() - startedAt
  await running.peer.stop()
  const diskBytes = await bytesBelow(running.folder)
  await removeDirectory(running.folder)
  return { ms, diskBytes }
}

await servePeer(import.meta.url, { load: loadShelf, open, callers: 256, serve, join: joinNow })
