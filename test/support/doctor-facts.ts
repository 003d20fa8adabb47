import { defaultConfig } from '../../node/config/config.ts'
import type { Facts, NodeFacts, Place } from '../../node/doctor/facts.ts'

/** When the facts of a test are looked at. */
export const factsNow: number = Date.parse('2026-06-21T12:00:00Z')

const hour = 3_600_000
const later = (ms: number): string => new Date(factsNow + ms).toISOString()
const own = 'did:key:z6MkSelf'

const place: Place = { mode: 0o600, isOwn: true, writtenAt: factsNow - 400 * 24 * hour }

const leaf = {
  peer: '12D3leaf',
  society: 'did:key:z6MkLeaf',
  name: 'leaf',
  member: true,
  since: later(-hour),
  latencyMs: 12,
  lastFailure: null,
  points: 0,
  exchange: null,
}

/** A source that was proven an hour ago and is renewed by itself. */
export const healthySource: NodeFacts['sources'][number] = {
  id: 'solar:sunspec:acme-1',
  type: 'solar',
  capacity: 285,
  occupied: 100,
  assurance: 2,
  state: 'valid',
  simulated: false,
  site: null,
  measuredAt: later(-hour),
  staleAt: later(23 * hour),
  renewal: {
    nextLook: later(hour),
    renewal: later(11 * hour),
    failures: 0,
    host: '192.0.2.7',
    failure: null,
  },
}

const status: NodeFacts['status'] = {
  id: own,
  name: 'sage',
  time: later(0),
  federation: 'home',
  parent: null,
  children: [],
  energy: { capacity: 285, sources: {} },
  atp: {
    available: 600,
    reserved: 200,
    escrowed: 0,
    lent: 50,
    borrowed: 50,
    wasted: 0,
    batches: [],
  },
  adp: { pool: 400, escrowed: 0 },
  supply: 1200,
  work: { queued: 0, active: 1, completed: 0, failed: 0, tickets: [] },
  queue: [],
  reputation: 0,
  bond: { state: 'none', capacity: 0, until: null },
  vouches: { given: 0, received: 0 },
  standing: 'good',
  flags: [],
  alerts: [],
  api: 'http://127.0.0.1:4100',
  version: '0.1.0',
  startedAt: later(-hour),
  peer: '12D3self',
  addresses: ['/ip4/192.0.2.7/tcp/4100/p2p/12D3self'],
  peers: 2,
  health: { state: 'ok', reasons: [], jobs: 0, waiting: 0 },
  heads: [],
}

const node: NodeFacts = {
  status,
  peers: [
    { ...leaf, direction: 'outbound', addresses: ['/ip4/192.0.2.8/tcp/1/p2p/12D3leaf'] },
    {
      ...leaf,
      peer: '12D3oak',
      society: 'did:key:z6MkOak',
      name: 'oak',
      direction: 'outbound',
      addresses: ['/ip4/198.51.100.8/tcp/1/p2p/12D3oak'],
    },
  ],
  sources: [healthySource],
  clock: {
    state: 'right',
    message: null,
    time: later(0),
    highestSeen: later(0),
    peersOffsetMs: 40,
    peers: [],
    aheadSeconds: 0,
    serversOffsetMs: 3,
    servers: [],
  },
  vitals: {
    uptimeMs: hour,
    process: {
      residentBytes: 150e6,
      heapUsedBytes: 50e6,
      heapLimitBytes: 4e9,
      loopDelayP99Ms: 4,
      loopDelayMaxMs: 30,
    },
    queues: [
      { what: 'jobs', size: 0, max: 1_024 },
      { what: 'frames that wait', size: 0, max: 2_048 },
      { what: 'events', size: 1_000, max: 1_000 },
    ],
    sync: [],
    certificates: [{ peer: '12D3self', until: later(300 * 24 * hour) }],
    witnesses: [{ society: 'did:key:z6MkLeaf', name: 'leaf', connected: true }],
    members: [
      { society: 'did:key:z6MkLeaf', name: 'leaf', connected: true },
      { society: 'did:key:z6MkOak', name: 'oak', connected: true },
    ],
    admitted: true,
    bond: { state: 'active', until: later(24 * hour), proven: true, breaksAt: null },
    restoring: false,
    equivocated: [],
    eventClients: 0,
    network: {},
  },
  checkpoints: {
    keep: 'window',
    witnesses: 4,
    own: [
      {
        kind: 'pool',
        changes: 900,
        checkpoint: { id: 'c:0', at: later(-24 * hour), seq: 880 },
        due: false,
        tried: { at: later(-24 * hour), signed: 4, needed: 3, unsigned: [] },
      },
    ],
    lookedAt: later(-hour),
    documents: [
      {
        document: 'sage/pool',
        society: own,
        name: 'sage',
        kind: 'pool',
        changes: 900,
        dropped: 500,
        keptSince: later(-1_500 * hour),
        old: 0,
        witnesses: 4,
      },
    ],
    dropped: { changes: 500, facts: 100, bytes: 1e6 },
    storeBytes: 1e9,
  },
}

/** Facts of a node with which all is well. */
export const healthyFacts: Facts = {
  now: factsNow,
  machineNow: factsNow,
  version: '0.1.0',
  directory: {
    path: '/srv/society',
    directory: { value: { ...place, mode: 0o700 } },
    config: { value: { name: 'sage', federation: 'home', ...defaultConfig } },
    key: { value: { did: own, isEncrypted: true } },
    keyFile: { value: place },
    nodeKeyFile: { value: place },
    tokenFile: { value: place },
    readTokenFile: { value: place },
    token: { value: 'ab'.repeat(32) },
    store: { value: true },
    lock: { value: { state: 'held', pid: 7, startedAt: later(-hour) } },
    backups: { value: { madeAt: factsNow - 24 * hour, verifiedAt: factsNow - 24 * hour } },
    certificates: { value: [{ file: 'maker.pem', until: factsNow + 900 * 24 * hour }] },
    newestFile: { value: factsNow - hour },
  },
  machine: {
    nodeVersion: '24.21.0',
    freeDiskBytes: { value: 50e9 },
    syncMs: { value: 3 },
    freeMemoryBytes: { value: 8e9 },
    openFilesMax: { value: 65_536 },
    portsTaken: { value: [] },
    serversOffsetMs: { value: 5 },
  },
  node: { value: node },
}

/** The same with other directory, machine, or node. */
export const withDirectory = (changes: Partial<Facts['directory']>): Facts => ({
  ...healthyFacts,
  directory: { ...healthyFacts.directory, ...changes },
})
/** See above. */
export const withMachine = (changes: Partial<Facts['machine']>): Facts => ({
  ...healthyFacts,
  machine: { ...healthyFacts.machine, ...changes },
})
/** See above. */
export const withNode = (changes: Partial<NodeFacts>): Facts => ({
  ...healthyFacts,
  node: { value: { ...node, ...changes } },
})
/** See above. */
export const withStatus = (changes: Partial<NodeFacts['status']>): Facts =>
  withNode({ status: { ...status, ...changes } })
/** See above. */
export const withVitals = (changes: Partial<NodeFacts['vitals']>): Facts =>
  withNode({ vitals: { ...node.vitals, ...changes } })
/** See above. */
export const withCheckpoints = (changes: Partial<NodeFacts['checkpoints']>): Facts =>
  withNode({ checkpoints: { ...node.checkpoints, ...changes } })
/** See above; of the newest checkpoint of the pool. */
export const withOwn = (change: Partial<NodeFacts['checkpoints']['own'][number]>): Facts =>
  withCheckpoints({ own: node.checkpoints.own.map((each) => ({ ...each, ...change })) })
/** See above; of what is kept of the pool. */
export const withKept = (change: Partial<NodeFacts['checkpoints']['documents'][number]>): Facts =>
  withCheckpoints({ documents: node.checkpoints.documents.map((each) => ({ ...each, ...change })) })
/** See above. */
export const withSource = (changes: Partial<NodeFacts['sources'][number]>): Facts =>
  withNode({ sources: [{ ...healthySource, ...changes }] })
/** See above. */
export const withPeers = (change: Partial<NodeFacts['peers'][number]>): Facts =>
  withNode({ peers: node.peers.map((peer) => ({ ...peer, ...change })) })
