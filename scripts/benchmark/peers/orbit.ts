import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeDirectory } from '../directory.ts'
import { importPeer } from './install.ts'

/** An events log, as far as it is used. */
export type Database = {
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
  readonly createOrbitDB: (options: object) => Promise<Orbit>
  readonly IPFSAccessController: (options: { readonly write: readonly string[] }) => unknown
}
type Address = { toString(): string }
type Libp2p = {
  getMultiaddrs(): readonly Address[]
  dial(address: unknown): Promise<unknown>
}
type Helia = { readonly libp2p: Libp2p; stop(): Promise<void> }
/** A node of OrbitDB that runs, and where it keeps what it keeps. */
export type RunningOrbit = { readonly orbit: Orbit; readonly helia: Helia; readonly folder: string }
/** A module of OrbitDB's folder. */
export const made = <T>(module: string): Promise<T> => importPeer<T>('orbitdb', module)

/** How a node of OrbitDB is started. */
export type OrbitOptions = {
  /** Name of its identity. */
  readonly id?: string
  readonly folder?: string
  /** Fills a folder that was just made. */
  readonly prepare?: (folder: string) => Promise<void>
}

/** Starts a node on loopback. */
export async function startOrbit(options: OrbitOptions = {}): Promise<RunningOrbit> {
  const { createLibp2p } = await made<{
    readonly createLibp2p: (options: object) => Promise<Libp2p>
  }>('libp2p')
  const { tcp } = await made<{ readonly tcp: () => unknown }>('@libp2p/tcp')
  const { noise } = await made<{ readonly noise: () => unknown }>('@chainsafe/libp2p-noise')
  const { yamux } = await made<{ readonly yamux: () => unknown }>('@chainsafe/libp2p-yamux')
  const { identify } = await made<{ readonly identify: () => unknown }>('@libp2p/identify')
  const { gossipsub } = await made<{ readonly gossipsub: (options: object) => unknown }>(
    '@libp2p/gossipsub',
  )
  const { createHelia } = await made<{ readonly createHelia: (options: object) => Promise<Helia> }>(
    'helia',
  )
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
  const { id } = options
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'society-benchmark-orbitdb-')))
  await options.prepare?.(folder)
  const orbit = await createOrbitDB({ ipfs: helia, directory: folder, ...(id && { id }) })
  return { orbit, helia, folder }
}

/** Stops a node and removes what it kept. */
export async function stopOrbit({ orbit, helia, folder }: RunningOrbit): Promise<void> {
  await orbit.stop()
  await helia.stop()
  await removeDirectory(folder)
}

/** Opens the log that everybody may write to. */
export async function openLog({ orbit }: RunningOrbit): Promise<Database> {
  const { IPFSAccessController } = await made<OrbitModule>('@orbitdb/core')
  return orbit.open('benchmark', {
    type: 'events',
    AccessController: IPFSAccessController({ write: ['*'] }),
  })
}
