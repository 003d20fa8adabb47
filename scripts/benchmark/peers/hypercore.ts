import { mkdtemp } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesBelow, removeDirectory } from '../directory.ts'
import { timed } from '../stopwatch.ts'
import { serveRounds, type Rounds } from '../rounds.ts'
import type { Figures } from '../trial.ts'
import { answerEach, AskedProcess } from '../workers.ts'
import { importPeer } from './install.ts'
import { recordNumbered } from './record.ts'

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

async function open(key?: Uint8Array): Promise<{ readonly core: Core; readonly folder: string }> {
  const { default: Hypercore } = await importPeer<Hypercore>('hypercore', 'hypercore')
  const folder = await newFolder()
  const core = new Hypercore(folder, key)
  await core.ready()
  return { core, folder }
}

/** Single appends, 256 callers at once; one block is one record. */
async function append(count: number): Promise<Rounds> {
  const { core, folder } = await open()
  const write = async (records: number): Promise<void> => {
    let left = records
    const caller = async (): Promise<void> => {
      while (left-- > 0) await core.append(recordNumbered(left))
    }
    await Promise.all(Array.from({ length: 256 }, caller))
  }
  await write(count / 2)
  return {
    async round() {
      return timed(count, () => write(count))
    },
    async close() {
      await core.close()
      await removeDirectory(folder)
    },
  }
}

/** Serves a core over TCP to processes that start empty. */
async function join10000(count: number): Promise<Rounds> {
  const { core, folder } = await open()
  await core.append(Array.from({ length: count }, (_, at) => recordNumbered(at)))
  const server = createServer((socket) => {
    socket.pipe(core.replicate(false)).pipe(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const joining: Joining = { port, key: Buffer.from(core.key).toString('hex'), length: count }
  return {
    async round() {
      const joiner = new AskedProcess(new URL(import.meta.url), { work: 'joiner' })
      await joiner.next()
      const { ms = 0, wireBytes = 0, diskBytes = 0 } = await joiner.ask<Figures>(joining)
      await joiner.end()
      return {
        perSecond: (1_000 * count) / ms,
        wireBytes: wireBytes / count,
        diskBytes: diskBytes / count,
      }
    },
    async close() {
      server.close()
      await core.close()
      await removeDirectory(folder)
    },
  }
}

async function joinNow({ port, key, length }: Joining): Promise<Figures> {
  const startedAt = performance.now()
  const { core, folder } = await open(Buffer.from(key, 'hex'))
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

const { work } = JSON.parse(process.argv[2] ?? '{}') as { readonly work?: string }
if (work === 'joiner') {
  await importPeer('hypercore', 'hypercore')
  answerEach(
    (joining) => joinNow(joining as Joining),
    async () => {},
  )
  process.send?.('ready')
} else {
  serveRounds(({ count }) => (work === 'join' ? join10000(Number(count)) : append(Number(count))))
}
