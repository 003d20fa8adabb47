import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesBelow, removeDirectory } from '../directory.ts'
import type { Figures } from '../trial.ts'
import { importPeer } from './install.ts'
import { contentNumbered } from './record.ts'
import { servePeer, type PeerLog, type Served } from './serve-peer.ts'

type Content = ReturnType<typeof contentNumbered>
type Log = { readonly records: Content[] }
/** What is used of a handle of a document. */
type Handle = {
  readonly url: string
  change(change: (log: Log) => void): void
  doc(): Log
  on(name: 'change', then: () => void): void
}
type Repo = {
  create(log: Log): Handle
  find(url: string): Promise<Handle>
  flush(): Promise<void>
  shutdown(): Promise<void>
}
type Sockets = { address(): AddressInfo; close(): void } & Pick<Server, 'once' | 'on'>
type Running = { readonly repo: Repo; readonly folder: string }
type Joining = { readonly port: number; readonly url: string; readonly count: number }

const made = <T>(module: string): Promise<T> => importPeer<T>('automerge-repo', module)
const load = (): Promise<{ readonly Repo: new (options: object) => Repo }> =>
  made('@automerge/automerge-repo')

async function start(network: readonly unknown[] = []): Promise<Running> {
  const { Repo: Class } = await load()
  const { NodeFSStorageAdapter: Files } = await made<{
    readonly NodeFSStorageAdapter: new (folder: string) => unknown
  }>('@automerge/automerge-repo-storage-nodefs')
  const folder = await mkdtemp(join(tmpdir(), 'society-benchmark-automerge-repo-'))
  return { repo: new Class({ storage: new Files(folder), network }), folder }
}

async function stop({ repo, folder }: Running): Promise<void> {
  await repo.shutdown()
  await removeDirectory(folder)
}

function write(handle: Handle, number: number): void {
  handle.change(({ records }) => void records.push(contentNumbered(number)))
}

async function open(): Promise<PeerLog> {
  const running = await start()
  const handle = running.repo.create({ records: [] })
  return {
    // What a change returns from is not on disk before this.
    append(number) {
      write(handle, number)
      return running.repo.flush()
    },
    close: () => stop(running),
  }
}

async function serve(count: number): Promise<Served<Joining>> {
  const { default: WebSocket } = await made<{
    readonly default: { readonly Server: new (options: object) => Sockets }
  }>('ws')
  const { WebSocketServerAdapter: Adapter } = await made<{
    readonly WebSocketServerAdapter: new (sockets: Sockets) => unknown
  }>('@automerge/automerge-repo-network-websocket')
  const sockets = new WebSocket.Server({ host: '127.0.0.1', port: 0 })
  await once(sockets as Server, 'listening')
  const running = await start([new Adapter(sockets)])
  const handle = running.repo.create({ records: [] })
  for (let at = 0; at < count; at++) write(handle, at)
  await running.repo.flush()
  return {
    joining: { port: sockets.address().port, url: handle.url, count },
    async close() {
      sockets.close()
      await stop(running)
    },
  }
}

async function joinNow({ port, url, count }: Joining): Promise<Figures> {
  const { WebSocketClientAdapter: Adapter } = await made<{
    readonly WebSocketClientAdapter: new (address: string) => unknown
  }>('@automerge/automerge-repo-network-websocket')
  const startedAt = performance.now()
  const { repo, folder } = await start([new Adapter(`ws://127.0.0.1:${port}`)])
  const handle = await repo.find(url)
  await new Promise<void>((whole) => {
    const look = (): void => {
      if (handle.doc().records.length >= count) whole()
    }
    handle.on('change', look)
    look()
  })
  await repo.flush()
  const ms = performance.now() - startedAt
  await repo.shutdown()
  const diskBytes = await bytesBelow(folder)
  await removeDirectory(folder)
  return { ms, diskBytes }
}

await servePeer(import.meta.url, { load, open, callers: 256, serve, join: joinNow })
