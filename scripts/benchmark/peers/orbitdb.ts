import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { removeDirectory } from '../directory.ts'
import { timed } from '../stopwatch.ts'
import { serveRounds, type Rounds } from '../rounds.ts'
import type { Figures } from '../trial.ts'
import { answerEach, AskedProcess } from '../workers.ts'
import { importPeer } from './install.ts'
import { contentNumbered } from './record.ts'

/** What is used of OrbitDB and of what it stands on. */
type Database = {
  readonly address: string
  add(value: unknown): Promise<string>
  all(): Promise<readonly unknown[]>
  readonly events: { on(name: string, then: () => void): void }
  close(): Promise<void>
}
type Orbit = {
  open(
    name: string,
    options: { readonly type: string; readonly AccessController?: unknown },
  ): Promise<Database>
  stop(): Promise<void>
}
type OrbitModule = {
  createOrbitDB(options: object): Promise<Orbit>
  IPFSAccessController(options: { readonly write: readonly string[] }): unknown
}
type Address = { toString(): string }
type Libp2p = {
  getMultiaddrs(): readonly Address[]
  dial(address: unknown): Promise<unknown>
}
type Helia = { readonly libp2p: Libp2p; stop(): Promise<void> }
type Running = { readonly orbit: Orbit; readonly helia: Helia; readonly folder: string }
type Joining = { readonly address: string; readonly database: string; readonly count: number }

const made = <T>(module: string): Promise<T> => importPeer<T>('orbitdb', module)

async function start(): Promise<Running> {
  const { createLibp2p } = await made<{ createLibp2p(options: object): Promise<Libp2p> }>('libp2p')
  const { tcp } = await made<{ tcp(): unknown }>('@libp2p/tcp')
  const { noise } = await made<{ noise(): unknown }>('@chainsafe/libp2p-noise')
  const { yamux } = await made<{ yamux(): unknown }>('@chainsafe/libp2p-yamux')
  const { identify } = await made<{ identify(): unknown }>('@libp2p/identify')
  const { gossipsub } = await made<{ gossipsub(options: object): unknown }>('@libp2p/gossipsub')
  const { createHelia } = await made<{ createHelia(options: object): Promise<Helia> }>('helia')
  const { createOrbitDB } = await made<OrbitModule>('@orbitdb/core')
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }),
    },
  })
  const helia = await createHelia({ libp2p })
  const folder = await mkdtemp(join(tmpdir(), 'society-benchmark-orbitdb-'))
  const orbit = await createOrbitDB({ ipfs: helia, directory: folder })
  return { orbit, helia, folder }
}

async function stop({ orbit, helia, folder }: Running): Promise<void> {
  await orbit.stop()
  await helia.stop()
  await removeDirectory(folder)
}

async function openLog({ orbit }: Running): Promise<Database> {
  const { IPFSAccessController } = await made<OrbitModule>('@orbitdb/core')
  return orbit.open('benchmark', {
    type: 'events',
    AccessController: IPFSAccessController({ write: ['*'] }),
  })
}

async function append(count: number): Promise<Rounds> {
  const running = await start()
  const database = await openLog(running)
  const write = async (records: number): Promise<void> => {
    // A log appends one entry after the other whoever calls it.
    for (let at = 0; at < records; at++) await database.add(contentNumbered(at))
  }
  await write(count / 2)
  return {
    async round() {
      return timed(count, () => write(count))
    },
    close: () => stop(running),
  }
}

async function joinLog(count: number): Promise<Rounds> {
  const running = await start()
  const database = await openLog(running)
  for (let at = 0; at < count; at++) await database.add(contentNumbered(at))
  const address = running.helia.libp2p.getMultiaddrs()[0]?.toString() ?? ''
  const joining: Joining = { address, database: database.address, count }
  return {
    async round() {
      const joiner = new AskedProcess(new URL(import.meta.url), { work: 'joiner' })
      await joiner.next()
      const { ms = 0 } = await joiner.ask<Figures>(joining)
      await joiner.end()
      return { perSecond: (1_000 * count) / ms }
    },
    close: () => stop(running),
  }
}

async function joinNow({ address, database, count }: Joining): Promise<Figures> {
  const { multiaddr } = await made<{ multiaddr(text: string): unknown }>('@multiformats/multiaddr')
  const startedAt = performance.now()
  const running = await start()
  await running.helia.libp2p.dial(multiaddr(address))
  const copy = await running.orbit.open(database, { type: 'events' })
  let there = 0
  copy.events.on('update', () => {
    there += 1
  })
  while (there < count && (await copy.all()).length < count) await pause(20)
  const ms = performance.now() - startedAt
  await stop(running)
  return { ms }
}

const { work } = JSON.parse(process.argv[2] ?? '{}') as { readonly work?: string }
if (work === 'joiner') {
  await made('@orbitdb/core')
  await made('helia')
  answerEach(joinNow, async () => {})
  process.send?.('ready')
} else {
  serveRounds(({ count }) => (work === 'join' ? joinLog(Number(count)) : append(Number(count))))
}
