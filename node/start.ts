import { hash } from 'node:crypto'
import {
  Failure,
  headIntervalMs,
  Replica,
  syncIntervalMs,
  type Clock,
  type Log,
  type Network,
  type ReplicaParts,
} from '../src/index.ts'
import { isTestFederation } from '../protocol/index.ts'
import { createApi } from './api/server.ts'
import { Closers } from './closers.ts'
import { backupOf } from './backup/backup.ts'
import { loadConfig, type Config } from './config/config.ts'
import { loadDeviceTls } from './config/device-files.ts'
import { nodeFiles, openReadToken, readToken } from './config/directory.ts'
import { removeApiAddress, writeApiAddress } from './config/directory.ts'
import { DocumentsThread } from './documents/documents-thread.ts'
import { beginDuties, type DutiesParts } from './duties.ts'
import { openKey, openNodeKey } from './keys/key-store.ts'
import { createThreadedVerifier } from './keys/zip215-verifier.ts'
import { createLog } from './log.ts'
import type { MeterContext } from './meters/meter-kind.ts'
import { measureNow } from './meters/meters.ts'
import { AddressExchange } from './network/address-exchange.ts'
import { createLibp2pNetwork, type Libp2pNetwork } from './network/libp2p-network.ts'
import { physics } from './plausibility/physics.ts'
import { checkPorts } from './port-in-use.ts'
import { lockDirectory } from './store/directory-lock.ts'
import { openLevelStore } from './store/level-store.ts'
import { clockAhead, systemRandom } from './system-clock.ts'
import { version } from './version.ts'
import { openTunnels, witnessOptions } from './witness/of-node.ts'

/** How a node is started. */
export type StartOptions = {
  readonly directory: string
  /** Null for a key that was made without one. */
  readonly passphrase: string | null
  /** Stands between the replica and its network; for tests that lose messages on purpose. */
  readonly wrapNetwork?: (network: Network) => Network
  /** How often heads are signed, in ms, instead of the rule's; for tests that wait for many. */
  readonly headMs?: number
  /** Where the node logs; stderr by default. */
  readonly log?: Log
}

/** A node that runs. */
export type RunningNode = {
  /** Address of its API. */
  readonly api: string
  readonly replica: Replica
  readonly network: Libp2pNetwork
  /** Stops the node: answers what is under way, closes in the reverse order of starting. */
  close(): Promise<void>
  /** Resolves when it has stopped, by `close` or by its API. */
  readonly closed: Promise<void>
}

/** PeerIds at the ends of multiaddrs. */
function peersIn(addresses: readonly string[]): ReadonlySet<string> {
  return new Set(
    addresses.flatMap((address) => {
      const at = address.lastIndexOf('/p2p/')
      return at < 0 ? [] : [address.slice(at + 5)]
    }),
  )
}

async function openNetwork(directory: string, config: Config, log: Log): Promise<Libp2pNetwork> {
  const { listen, announce, bootstrap, mdns, webSockets, maxConnections } = config.network
  return createLibp2pNetwork({
    nodeKeySeed: await openNodeKey(directory),
    listen,
    announce,
    bootstrap,
    mdns,
    webSockets,
    maxConnections,
    datastoreDirectory: nodeFiles(directory).peers,
    serviceTag: config.federation,
    log,
  })
}

/** What works aside, each in a thread that is started when it is first needed. */
function openThreads(closers: Closers): Pick<ReplicaParts, 'verifier' | 'documents'> {
  const verifier = createThreadedVerifier()
  closers.push(() => verifier.close())
  const documents = new DocumentsThread()
  closers.push(() => documents.close())
  return { verifier, documents }
}

/** What would stop the start late is looked at before anything is opened or dialled. */
async function lookBefore(directory: string, config: Config): Promise<void> {
  await readToken(directory)
  await checkPorts(config)
}

/** What meters may know of the node. */
function meterContext(replica: Replica, clock: Clock): MeterContext {
  return {
    now: () => clock.now(),
    ledgers: {
      self: replica.self,
      receipts: (workers, since) => replica.receipts(workers, since),
      citizens: () => replica.citizens(),
    },
  }
}

/** What a replica is told by the configuration, and what is the same for every node. */
function partsOf(config: Config, clock: Clock, headMs: number) {
  const { name, federation, founding, policy, network, automation, cosign, history } = config
  return {
    clock,
    random: systemRandom,
    sha256: (bytes: Uint8Array): string => hash('sha256', bytes),
    founding: { name, federation, adp: founding.adp, policy, witnesses: [] },
    bootstrapPeers: peersIn(network.bootstrap),
    manual: automation.manual,
    cosign,
    history: history.keep,
    timing: { headMs, syncMs: syncIntervalMs },
    plausibility: physics,
  }
}

/**
 * Starts a node in its directory, top to bottom. Fails with `directory-in-use`, `malformed` (the
 * configuration), `wrong-passphrase`, `store-damaged`, `port-in-use`; what was opened by then is
 * closed again.
 */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  const { directory, passphrase } = options
  const closers = new Closers()
  try {
    const config = await loadConfig(directory)
    const log = options.log ?? createLog(config.log.level)
    const clock = openClock(config, log)
    const lock = await lockDirectory(directory)
    closers.push(() => lock.release())
    await lookBefore(directory, config)
    const signer = await openKey(directory, passphrase)
    const store = await openLevelStore(directory, { lock, log })
    closers.push(() => store.close())
    const threads = openThreads(closers)
    const tls = await loadDeviceTls(directory, config.devices)
    const network = await openNetwork(directory, config, log)
    const addresses = new AddressExchange(network, log)
    const replica = await Replica.open({
      ...partsOf(config, clock, options.headMs ?? headIntervalMs),
      store,
      network: options.wrapNetwork?.(network) ?? network,
      log,
      ...threads,
      signer,
      witness: witnessOptions(config.witness, network, tls, () => clock.now()),
      onMembers: (peers) => {
        network.setMembers(peers)
        addresses.setMembers(peers)
      },
    })
    closers.push(() => replica.stop())
    refuseAhead(replica, config)
    openTunnels(replica, network, config.witness, log)
    await replica.start()
    closers.push(async () => addresses.stop())
    addresses.start()
    const measure: DutiesParts['measure'] = (request, stop) =>
      measureNow(request, { ...meterContext(replica, clock), tls }, measureMsMax, stop)
    const duties = await beginDuties({ replica, clock, config, directory, log, store, measure })
    closers.push(() => duties.close())
    const closing = Promise.withResolvers<void>()
    let stopping: Promise<void> | undefined
    const close = (): Promise<void> => {
      stopping ??= closers.closeAll().then(closing.resolve, closing.reject)
      return stopping.then(() => closing.promise)
    }
    const api = await createApi({
      replica,
      network,
      ...duties.api,
      backup: (secret) => backupOf(directory, store, secret),
      ...config.api,
      token: await readToken(directory),
      readToken: await openReadToken(directory),
      version,
      log,
      ...timesOf(clock, config),
      onStop: () => void close(),
    })
    closers.push(() => api.close())
    await writeApiAddress(directory, api.url)
    closers.push(() => removeApiAddress(directory))
    await lock.setApi(api.url)
    log.info('ready', { api: api.url, addresses: network.addresses() })
    return { api: api.url, replica, network, close, closed: closing.promise }
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}

/** The machine's clock, as far ahead as the configuration says, which is told. */
function openClock({ clock: { aheadSeconds } }: Config, log: Log): Clock {
  const clock = clockAhead(aheadSeconds)
  const nodeTime = new Date(clock.now()).toISOString()
  if (aheadSeconds > 0) log.warn('clock-ahead', { aheadSeconds, nodeTime })
  return clock
}

/** What the API is told of the time. */
function timesOf(clock: Clock, { clock: { aheadSeconds } }: Config) {
  return { startedAt: clock.now(), now: () => clock.now(), aheadSeconds }
}

/** What its founding record says counts, whatever became of its configuration since. */
function refuseAhead(replica: Replica, { clock: { aheadSeconds } }: Config): void {
  const { federation } = replica.society()
  if (aheadSeconds === 0 || federation === null || isTestFederation(federation)) return
  throw new Failure(
    'malformed',
    `clock.aheadSeconds is for federations named test-... alone; this society is of ${federation}`,
  )
}

/** Longest time a measurement may take, in ms. */
const measureMsMax = 60_000
