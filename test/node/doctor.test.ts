import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../../node/config/config.ts'
import { checks } from '../../node/doctor/checks.ts'
import { diagnose } from '../../node/doctor/examine.ts'
import type { Facts, NodeFacts, Place } from '../../node/doctor/facts.ts'
import {
  factsNow,
  healthyFacts,
  healthySource,
  withCheckpoints,
  withDirectory,
  withKept,
  withMachine,
  withNode,
  withOwn,
  withPeers,
  withSource,
  withStatus,
  withVitals,
} from '../support/doctor-facts.ts'
import { newDirectory, runCli } from './cli-fixture.ts'

const missing = { because: 'it is not there' }
const open: { readonly value: Place } = { value: { mode: 0o644, isOwn: true, writtenAt: 0 } }
const long = factsNow - 400 * 86_400_000
const iso = (ms: number): string => new Date(factsNow + ms).toISOString()
const away = [{ society: 'did:key:z6MkLeaf', name: 'leaf', connected: false }]
const config = { name: 'sage', federation: 'home', ...defaultConfig }
const health = { state: 'bad', jobs: 0, waiting: 0 } as const
const reasons = [{ code: 'store-damaged', message: 'the disk is full' }]
const exposed = { ...config, api: { host: '0.0.0.0', port: 0 } }
const calm = { residentBytes: 1, heapUsedBytes: 1, heapLimitBytes: 10, loopDelayMaxMs: 0 }
const clockWith = (changes: Partial<NodeFacts['clock']>): Facts => {
  const { node } = healthyFacts
  return 'value' in node ? withNode({ clock: { ...node.value.clock, ...changes } }) : healthyFacts
}
const failing = {
  nextLook: iso(0),
  renewal: iso(0),
  failures: 3,
  host: null,
  failure: { code: 'source-unavailable', message: 'no answer' },
}

/** All connections came from elsewhere, and not everybody is connected. */
function inboundAlone(): Facts {
  const { node } = withPeers({ direction: 'inbound' })
  const { node: lacking } = withVitals({ members: [...away, ...away] })
  if (!('value' in node) || !('value' in lacking)) return healthyFacts
  return withNode({ peers: node.value.peers, vitals: lacking.value.vitals })
}

/** The grid is proven by a meter and by its operator, each at a site. */
const gridTwice = (atMeter: string | null, atOperator: string | null): Facts => {
  const grid = { ...healthySource, type: 'grid' }
  return withNode({
    sources: [
      { ...grid, id: 'grid:p1:e0047', site: atMeter },
      { ...grid, id: 'grid:openadr:vtn.example.org-home', site: atOperator },
    ],
  })
}

/** Sources of one type that were measured each at a host; null is the node's own machine. */
const devicesAt = (...places: readonly (readonly [id: string, host: string | null])[]): Facts =>
  withNode({
    sources: places.map(([id, host]) => ({
      ...healthySource,
      id,
      renewal: { ...healthySource.renewal!, host },
    })),
  })

/** For each check, facts in which it is ill. */
const faults: Readonly<Record<string, Facts>> = {
  directory: withDirectory({ directory: missing }),
  'directory-mode': withDirectory({ directory: open }),
  config: withDirectory({ config: { because: 'config.yaml:3: it must be a map' } }),
  key: withDirectory({ key: missing }),
  'key-mode': withDirectory({ keyFile: { value: { ...open.value, mode: 0o600, isOwn: false } } }),
  'key-encrypted': withDirectory({ key: { value: { did: 'did:key:z', isEncrypted: false } } }),
  'node-key-mode': withDirectory({ nodeKeyFile: open }),
  token: withDirectory({ token: missing }),
  'token-mode': withDirectory({ tokenFile: open }),
  'read-token-mode': withDirectory({ readTokenFile: open }),
  'api-local': withDirectory({ config: { value: exposed } }),
  lock: { ...healthyFacts, node: { because: 'it does not answer' } },
  store: withDirectory({ store: { value: false } }),
  runtime: withMachine({ nodeVersion: '20.1.0' }),
  'disk-space': withMachine({ freeDiskBytes: { value: 1e6 } }),
  'disk-sync': withMachine({ syncMs: { value: 2_000 } }),
  'memory-free': withMachine({ freeMemoryBytes: { value: 1e6 } }),
  'open-files': withMachine({ openFilesMax: { value: 256 } }),
  'ports-free': withMachine({
    portsTaken: { value: ['api.port is 4100, and at 127.0.0.1:4100 listens process 7'] },
  }),
  'clock-files': withDirectory({ newestFile: { value: factsNow + 3_600_000 } }),
  'clock-servers': withMachine({ serversOffsetMs: { value: -30_000 } }),
  'node-answers': { ...healthyFacts, node: { because: 'it does not answer' } },
  'node-version': withStatus({ version: '0.0.9' }),
  'store-writes': withStatus({ health: { ...health, reasons } }),
  signs: withStatus({ health: { ...health, reasons } }),
  restored: withVitals({ restoring: true }),
  memory: withVitals({ process: { ...calm, heapUsedBytes: 9, loopDelayP99Ms: 0 } }),
  'event-loop': withVitals({ process: { ...calm, loopDelayP99Ms: 900 } }),
  queues: withVitals({ queues: [{ what: 'jobs', size: 9, max: 10 }] }),
  waiting: withStatus({ health: { ...health, reasons: [], waiting: 2_000 } }),
  peers: withPeers({ direction: 'none' }),
  members: withVitals({ members: away }),
  admitted: withVitals({ admitted: false }),
  outbound: inboundAlone(),
  'outbound-diversity': withPeers({ addresses: ['/ip4/192.0.2.8/tcp/1'] }),
  latency: withPeers({ latencyMs: 5_000 }),
  'peer-faults': withPeers({ points: 80 }),
  reachable: withStatus({ addresses: ['/ip4/127.0.0.1/tcp/4100'] }),
  sync: withVitals({
    sync: [
      {
        society: 'did:key:z6MkLeaf',
        name: 'leaf',
        kind: 'pool',
        held: 3,
        announced: 9,
        announcedAt: iso(-600_000),
      },
    ],
  }),
  clock: clockWith({ state: 'behind', message: 'the clock is 90 s behind what was signed' }),
  'clock-peers': clockWith({ peersOffsetMs: 45_000 }),
  'sources-fresh': withSource({ state: 'stale' }),
  'sources-soon-stale': withSource({ staleAt: iso(3_600_000), renewal: null }),
  renewals: withSource({ renewal: failing }),
  'sources-contested': withSource({ state: 'contested' }),
  'grid-once': gridTwice(null, '52.4,4.9'),
  'device-once': devicesAt(
    ['solar:sunspec:acme-1', '192.0.2.7'],
    ['solar:victron:acme-5', '192.0.2.7'],
  ),
  bond: withVitals({
    bond: { state: 'active', until: iso(9e9), proven: false, breaksAt: iso(3_600_000) },
  }),
  witnesses: withVitals({ witnesses: away }),
  'own-past': withStatus({ standing: 'equivocated' }),
  equivocations: withVitals({ equivocated: [{ society: 'did:key:z6MkLeaf', name: 'leaf' }] }),
  detectors: withStatus({ flags: [{ name: 'burst', severity: 0.9, evidence: [] }] }),
  waste: withStatus({
    alerts: [{ kind: 'waste', batch: 'b', source: 'solar:x', amount: 90, ageMs: 1, age: '0.0 h' }],
  }),
  accounts: withStatus({ supply: 1_201 }),
  'checkpoint-age': withOwn({ due: true, checkpoint: { id: 'c:0', at: iso(-2e9), seq: 1 } }),
  'checkpoint-witnesses': withOwn({
    tried: {
      at: iso(0),
      signed: 2,
      needed: 3,
      unsigned: [
        { society: 'did:key:z6MkLeaf', name: 'leaf', because: 'no node of it is known' },
        { society: 'did:key:z6MkOak', name: 'oak', because: 'not connected' },
      ],
    },
  }),
  'history-dropped': withKept({ old: 300 }),
  'history-growth': withKept({ old: 300, witnesses: 0 }),
  'backup-age': withDirectory({ backups: { value: { madeAt: long, verifiedAt: long } } }),
  'backup-verified': withDirectory({ backups: { value: { madeAt: factsNow, verifiedAt: null } } }),
  'device-certificates': withDirectory({
    certificates: { value: [{ file: 'maker.pem', until: factsNow + 1 }] },
  }),
  'node-certificate': withVitals({ certificates: [] }),
}

const stateOf = (facts: Facts, code: string): string | undefined =>
  diagnose(facts).checks.find((check) => check.code === code)?.state

describe('the doctor’s checks', () => {
  it('are many, each with a code of its own and what to do', () => {
    const codes = checks.map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBeGreaterThanOrEqual(25)
    expect(codes).toEqual(Object.keys(faults))
    for (const { asks, mend } of checks) {
      expect(asks).toMatch(/\?$/)
      expect(mend.length).toBeGreaterThan(20)
    }
  })

  it('find nothing where all is well', () => {
    const { checks: found, ...counts } = diagnose(healthyFacts)
    expect(found.filter(({ state }) => state !== 'well')).toEqual([])
    expect(counts).toEqual({ well: checks.length, ill: 0, unknown: 0 })
  })

  it.each(Object.keys(faults))('%s: sees the fault, and says what it saw', (code) => {
    const finding = diagnose(faults[code] ?? healthyFacts).checks.find((each) => each.code === code)
    expect(finding).toMatchObject({ code, state: 'ill' })
    expect(finding?.cause).not.toBe('')
  })

  it('know what they do not know', () => {
    const stopped: Facts = {
      ...withDirectory({ lock: { value: { state: 'free' } } }),
      node: { because: 'no node runs' },
    }
    const { ill, unknown, checks: found } = diagnose(stopped)
    expect(ill).toBe(0)
    expect(unknown).toBeGreaterThan(25)
    for (const { state, cause } of found)
      if (state === 'unknown') expect(cause).toBe('no node runs')
    expect(stateOf(withMachine({ serversOffsetMs: { value: null } }), 'clock-servers')).toBe(
      'unknown',
    )
    expect(stateOf(clockWith({ peersOffsetMs: null }), 'clock-peers')).toBe('unknown')
  })

  it('ask for as many witnesses as must sign', () => {
    const [leaf] = away
    const reached = (count: number): Facts =>
      withVitals({
        witnesses: Array.from({ length: 7 }, (_, i) => ({ ...leaf!, connected: i < count })),
      })
    expect(stateOf(reached(5), 'witnesses')).toBe('well')
    expect(stateOf(reached(4), 'witnesses')).toBe('ill')
  })

  it('do not take two connections to the grid for one', () => {
    expect(stateOf(gridTwice('52.4,4.9', '52.4,4.9'), 'grid-once')).toBe('ill')
    expect(stateOf(gridTwice(null, null), 'grid-once')).toBe('ill')
    expect(stateOf(gridTwice('52.4,4.9', '48.2,16.4'), 'grid-once')).toBe('well')
    const retired = { ...healthySource, type: 'grid', state: 'retired' } as const
    const both = ['grid:p1:a', 'grid:openadr:b'].map((id) => ({ ...retired, id }))
    expect(stateOf(withNode({ sources: both }), 'grid-once')).toBe('well')
  })

  it('see that a port which changes is found by nobody', () => {
    const withNetwork = (changes: Partial<typeof config.network>): Facts =>
      withDirectory({
        config: { value: { ...config, network: { ...config.network, ...changes } } },
      })
    expect(stateOf(withNetwork({ mdns: true }), 'reachable')).toBe('well')
    expect(stateOf(withNetwork({ mdns: false }), 'reachable')).toBe('ill')
    const fixed = { mdns: false, listen: ['/ip4/0.0.0.0/tcp/4100'] }
    expect(stateOf(withNetwork(fixed), 'reachable')).toBe('well')
    const announced = { mdns: false, announce: ['/ip4/192.0.2.9/tcp/4100'] }
    expect(stateOf(withNetwork(announced), 'reachable')).toBe('well')
  })

  it('know peers of this federation from others', () => {
    const strangers = withPeers({ society: null, name: null })
    expect(stateOf(strangers, 'peers')).toBe('ill')
    const { node: young } = withVitals({ uptimeMs: 1_000 })
    if (!('value' in strangers.node && 'value' in young)) throw new RangeError('no facts')
    const { peers } = strangers.node.value
    expect(stateOf(withNode({ peers, vitals: young.value.vitals }), 'peers')).toBe('unknown')
    expect(stateOf(withVitals({ admitted: false, members: [] }), 'admitted')).toBe('unknown')
  })

  it('tell one device by two interfaces from two devices', () => {
    const [bySunspec, byFronius] = ['solar:sunspec:fronius-29301', 'solar:fronius:29301'] as const
    const apart = devicesAt([bySunspec, '192.0.2.7'], ['solar:fronius:29302', '192.0.2.8'])
    expect(stateOf(apart, 'device-once')).toBe('well')
    const named = devicesAt([bySunspec, '192.0.2.7'], [byFronius, '192.0.2.8'])
    expect(stateOf(named, 'device-once')).toBe('ill')
    const here = devicesAt(['compute:nvml:a', null], ['compute:rapl:b', null])
    expect(stateOf(here, 'device-once')).toBe('well')
    const tunnels = devicesAt(
      ['solar:sunspec:acme-1', '127.0.0.1'],
      ['solar:victron:a-5', '127.0.0.1'],
    )
    expect(stateOf(tunnels, 'device-once')).toBe('well')
    const units = devicesAt(
      ['solar:sunspec:acme-1', '192.0.2.7'],
      ['solar:sunspec:acme-2', '192.0.2.7'],
    )
    expect(stateOf(units, 'device-once')).toBe('well')
  })

  it('forgive what is on its way, or is as it should be', () => {
    const soon = withSource({ staleAt: iso(3_600_000), renewal: healthySource.renewal })
    expect(stateOf(soon, 'sources-soon-stale')).toBe('well')
    expect(stateOf(withSource({ state: 'retired' }), 'sources-fresh')).toBe('well')
    const inClear = { value: { did: 'did:key:z', isEncrypted: false } }
    const test = { value: { ...config, federation: 'test-home' } }
    expect(stateOf(withDirectory({ key: inClear, config: test }), 'key-encrypted')).toBe('well')
    const noWitnesses = { witnesses: 0, own: [] }
    expect(stateOf(withCheckpoints({ keep: 'all', ...noWitnesses }), 'checkpoint-age')).toBe('well')
    expect(stateOf(withCheckpoints(noWitnesses), 'checkpoint-age')).toBe('ill')
    expect(stateOf(withCheckpoints(noWitnesses), 'checkpoint-witnesses')).toBe('well')
    expect(stateOf(withOwn({ due: true, checkpoint: null }), 'checkpoint-age')).toBe('unknown')
    expect(stateOf(withOwn({ tried: null }), 'checkpoint-witnesses')).toBe('unknown')
    // Nothing of who has no witnesses can be dropped: that is no fault until it is most of all.
    expect(stateOf(withKept({ old: 300, witnesses: 0 }), 'history-dropped')).toBe('well')
    expect(stateOf(withKept({ old: 100, witnesses: 0 }), 'history-growth')).toBe('well')
    for (const code of ['history-dropped', 'history-growth']) {
      expect(stateOf(withCheckpoints({ lookedAt: null }), code)).toBe('unknown')
      expect(stateOf(withCheckpoints({ keep: 'all' }), code)).toBe('well')
    }
    const young = { value: { mode: 0o600, isOwn: true, writtenAt: factsNow } }
    const never = { value: { madeAt: null, verifiedAt: null } }
    const fresh = withDirectory({ backups: never, keyFile: young })
    expect(stateOf(fresh, 'backup-age')).toBe('unknown')
    expect(stateOf(fresh, 'backup-verified')).toBe('unknown')
    expect(stateOf(withDirectory({ backups: never }), 'backup-age')).toBe('ill')
  })
})

/** What the machine of a test is like says nothing of the directory. */
const ofMachine = new Set(['disk-space', 'disk-sync', 'memory-free', 'open-files'])
const illIn = ({ checks: found }: ReturnType<typeof diagnose>): readonly string[] =>
  found.filter(({ state, code }) => state === 'ill' && !ofMachine.has(code)).map(({ code }) => code)

describe('society doctor', () => {
  it('works where there is no node, and tells the step that fails', async () => {
    const directory = join(await newDirectory(), 'nothing')
    const { code, stdout, stderr } = await runCli(['doctor', '--json'], { directory })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const diagnosis: ReturnType<typeof diagnose> = JSON.parse(stdout)
    expect(illIn(diagnosis)).toEqual(['directory'])
    await mkdir(directory)
    const told = await runCli(['doctor'], { directory })
    expect(told.code).toBe(1)
    expect(told.stdout).toMatch(/^ILL +directory .*: it is there, and nothing of a node in it$/m)
    expect(told.stdout.match(/^ILL /gm)).toHaveLength(1)
    expect(told.stdout).toMatch(/^\? +\d\d checks +it is there, and nothing of a node in it$/m)
    expect(told.stdout).toMatch(/^\d+ well, 1 ill, \d+ unknown$/m)
    const path = join(directory, 'config.yaml')
    await writeFile(path, 'name: sage\nfederation: test\nbogus: 1\nlog: { level: loud }\n')
    const { stdout: lines } = await runCli(['doctor'], { directory })
    expect(lines).toMatch(/^ILL +key +Is the society’s key there and whole\? there is no /m)
    expect(lines).toMatch(/^\? +\d\d checks +there is no society in /m)
    expect(lines).toMatch(/^ILL +config +Is config.yaml in order\? \S+:3: bogus is no known key/m)
    expect(lines).toMatch(/^ +\S+:4: log.level is "loud"; it must be /m)
    expect(lines).not.toContain('\uFFFD')
  })

  it('is content with a directory that was just made', async () => {
    const directory = await newDirectory()
    const flags = ['--federation', 'test-doctor', '--no-mdns', '--insecure-no-passphrase']
    await runCli(['init', ...flags], { directory })
    const { stdout } = await runCli(['doctor', '--json'], { directory })
    const diagnosis: ReturnType<typeof diagnose> = JSON.parse(stdout)
    expect(illIn(diagnosis)).toEqual([])
    expect(diagnosis.checks).toContainEqual(
      expect.objectContaining({ code: 'config', state: 'well' }),
    )
  })
})
