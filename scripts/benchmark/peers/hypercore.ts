import { mkdtemp } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesBelow, removeDirectory } from '../directory.ts'
import type { Figures } from '../trial.ts'
import { importPeer } from './install.ts'
import { recordNumbered } from './record.ts'
import { servePeer, type PeerLog, type Served } from './serve-peer.ts'

/** What is used of a Hypercore. */
type Core = {
  readonly key: Uint8Array
  readonly length: number
  ready(): Promise<void>
  close(): Promise<void>
  append(blocks: Uint8Array | readonly Uint8Array[]): Promise<unknown>
  update(options: { readonly wait: boolean }): Promise<boolean>
  replicate(isInitiator: boolean): NodeJS.ReadWriteStream
  download(range: { readonly start: number; readonly end: number }): {
    done(): Promise<void>
  }
}
type Hypercore = { readonly default: new (folder: string, key?: Uint8Array) => Core }
type Joining = { readonly port: number; readonly key: string; readonly length: number }

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'society-benchmark-hypercore-'))
const load = (): Promise<Hypercore> => importPeer<Hypercore>('hypercore', 'hypercore')

async function openCore(
  key?: Uint8Array,
): Promise<{ readonly core: Core; readonly folder: string }> {
  const { default: Hypercore } = await load()
  const folder = await newFolder()
  const core = new Hypercore(folder, key)
  await core.ready()
  return { core, folder }
}

/** One block is one record. */
async function open(): Promise<PeerLog> {
  const { core, folder } = await openCore()
  return {
    append: (number) => core.append(recordNumbered(number)),
    async close() {
      await core.close()
      await removeDirectory(folder)
    },
  }
}

/** Serves a core over TCP. */
async function serve(count: number): Promise<Served<Joining>> {
  const { core, folder } = await openCore()
  await core.append(Array.from({ length: count }, (_, at) => recordNumbered(at)))
  const server = createServer((socket) => {
    socket.pipe(core.replicate(false)).pipe(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    joining: { port, key: Buffer.from(core.key).toString('hex'), length: count },
    async close() {
      server.close()
      await core.close()
      await removeDirectory(folder)
    },
  }
}

async function joinNow({ port, key, length }: Joining): Promise<Figures> {
  const startedAt = performance.now()
  const { core, folder } = await openCore(Buffer.from(key, 'hex'))
  const socket: Socket = connect(port, '127.0.0.1')
  socket.pipe(core.replicate(true)).pipe(socket)
  socket.on('error', () => {})
  while (core.length < length) await core.update({ wait: true })
  await core.download({ start: 0, end: length }).done()
  const ms = performance.now() - startedAt
  const wireBytes = socket.bytesRead + socket.bytesWritten
  socket.destroy()
  await core.close()
  const diskBytes = await bytesBelow(folder)
  await removeDirectory(folder)
  return { ms, wireBytes, diskBytes }
}

await servePeer(import.meta.url, { load, open, callers: 256, serve, join: joinNow })
