import { hundredth, tenth } from './growth.ts'
import type { Contestant, Options, Trial } from './trial.ts'

const program = (path: string): URL => new URL(path, import.meta.url)
const named = (name: string, path: string, options: Options): Contestant => ({
  name,
  program: program(path),
  options,
})
const ours = (path: string, options: Options): Contestant => named('ours', path, options)
const verify = (count: number): Contestant =>
  named('OpenSSL verify', 'limits/openssl-verify.ts', { count })
const synced = (count: number, callers: number): Contestant =>
  named('synced LevelDB writes', 'limits/synced-writes.ts', { count, callers })
const peer = (name: string, file: string, options: Options): Contestant =>
  named(name, `peers/${file}.ts`, options)

/** How much is done in a round: all of it, or as little as shows that everything works. */
export type Scale = { readonly part: number; readonly nodes: number }

/** Everything, as it is in the tables. */
export const whole: Scale = { part: 1, nodes: 8 }

const perSecond = 'records/s'
const bytes = 'bytes/record'

function appendTrials(sized: (count: number) => number): readonly Trial[] {
  return [
    {
      rows: [{ work: 'append, one caller', unit: perSecond, figure: 'perSecond' }],
      contestants: [
        ours('ours/append.ts', { count: sized(1_000), callers: 1 }),
        synced(sized(1_000), 1),
      ],
    },
    {
      rows: [{ work: 'append, 256 callers', unit: perSecond, figure: 'perSecond' }],
      contestants: [
        ours('ours/append.ts', { count: sized(10_000), callers: 256 }),
        synced(sized(10_000), 256),
      ],
      peers: [
        peer('Hypercore', 'hypercore', { work: 'append', count: sized(5_000) }),
        peer('OrbitDB', 'orbitdb', { work: 'append', count: sized(300) }),
        peer('Peerbit', 'peerbit', { work: 'append', count: sized(1_000) }),
        peer('automerge-repo', 'automerge-repo', { work: 'append', count: sized(300) }),
      ],
    },
  ]
}

function ingestTrials(sized: (count: number) => number): readonly Trial[] {
  const rowsOf = (work: string): Trial['rows'] => [
    { work, unit: perSecond, figure: 'perSecond' },
    // Other programs disturb this one less.
    { work: `${work}, a core`, unit: perSecond, figure: 'perCoreSecond' },
  ]
  return [
    {
      rows: rowsOf('ingest, 1 record a change'),
      contestants: [
        ours('ours/ingest.ts', { count: sized(6_000), recordsPerChange: 1 }),
        verify(sized(6_000)),
      ],
    },
    {
      rows: rowsOf('ingest, 10 records a change'),
      contestants: [
        ours('ours/ingest.ts', { count: sized(40_000), recordsPerChange: 10 }),
        verify(sized(6_000)),
      ],
    },
  ]
}

function joinTrials(sized: (count: number) => number): readonly Trial[] {
  const rowsOf = (work: string): Trial['rows'] => [
    { work, unit: perSecond, figure: 'perSecond' },
    { work: `${work}: on the wire`, unit: bytes, figure: 'wireBytes' },
    { work: `${work}: on disk`, unit: bytes, figure: 'diskBytes' },
  ]
  const million = 1_000_000
  return [
    {
      rows: rowsOf('cold join, 10,000 records'),
      contestants: [ours('ours/cold-join.ts', { count: sized(10_000), recordsPerChange: 10 })],
      peers: [
        peer('Hypercore', 'hypercore', { work: 'join', count: sized(10_000) }),
        // At 150 entries a second 10,000 would take a minute a round: the rate is the same.
        peer('OrbitDB', 'orbitdb', { work: 'join', count: sized(300) }),
        peer('Peerbit', 'peerbit', { work: 'join', count: sized(1_000) }),
        peer('automerge-repo', 'automerge-repo', { work: 'join', count: sized(10_000) }),
      ],
    },
    {
      rows: rowsOf('cold join, 10,000 records, 1 record a change'),
      contestants: [ours('ours/cold-join.ts', { count: sized(10_000), recordsPerChange: 1 })],
    },
    {
      rows: rowsOf('cold join, 1,000,000 records'),
      contestants: grown('ours/cold-join.ts', (part) => ({
        count: sized(million * part),
        recordsPerChange: 10,
      })),
      isLong: true,
      rounds: 3,
    },
  ]
}

function liveTrial(nodes: number, isLong: boolean, burst: number): Trial {
  const fleet = (file: string): Options => ({ program: program(file).href, size: nodes, burst })
  const on = `on ${nodes} nodes`
  return {
    rows: [
      { work: `live p50 ${on}`, unit: 'ms', figure: 'idleP50Ms' },
      { work: `live p99 ${on}`, unit: 'ms', figure: 'idleP99Ms' },
      { work: `live p50 ${on}, half the burst rate`, unit: 'ms', figure: 'busyP50Ms' },
      { work: `live p99 ${on}, half the burst rate`, unit: 'ms', figure: 'busyP99Ms' },
      { work: `burst ${on}`, unit: perSecond, figure: 'burstPerSecond' },
    ],
    contestants: [
      ours('live.ts', fleet('ours/fleet-node.ts')),
      named('raw gossipsub', 'live.ts', fleet('limits/gossip-node.ts')),
    ],
    isLong,
  }
}

const restartRows = (work: string): Trial['rows'] => [
  { work, unit: 'ms', figure: 'ms' },
  { work: `${work}: memory`, unit: 'MB', figure: 'megabytes' },
]

function questionTrials(sized: (count: number) => number): readonly Trial[] {
  return [
    {
      rows: [
        { work: 'backing with 1,000 batches', unit: 'ms', figure: 'backingMs' },
        { work: 'trust, one pair on 100,000 edges', unit: 'ms', figure: 'pairMs' },
        { work: 'trust, one observer of all 10,000 societies', unit: 'ms', figure: 'allMs' },
      ],
      contestants: [
        ours('ours/questions.ts', {
          batches: sized(1_000),
          societies: sized(10_000),
          seen: 10,
        }),
      ],
    },
  ]
}

/** The same at a tenth and a hundredth of the history that `options` make; what grows shows. */
function grown(
  path: string,
  options: (part: number) => Options,
): readonly [Contestant, ...Contestant[]] {
  return [
    ours(path, options(1)),
    named(tenth, path, options(0.1)),
    named(hundredth, path, options(0.01)),
  ]
}

function growthTrials(sized: (count: number) => number): readonly Trial[] {
  const month = 'a month of history'
  const days = (count: number): Options => ({ days: sized(count) })
  return [
    {
      rows: restartRows('state after a year of history'),
      contestants: [ours('ours/restart.ts', days(365)), named(month, 'ours/restart.ts', days(30))],
    },
    {
      rows: [
        { work: 'backing after 700 days', unit: 'ms', figure: 'backingMs' },
        { work: 'a state at a past time, after 700 days', unit: 'ms', figure: 'pastMs' },
      ],
      contestants: grown('ours/questions.ts', (part) => days(700 * part)),
    },
    {
      rows: [{ work: 'ingest after 100,000 records', unit: perSecond, figure: 'perSecond' }],
      contestants: grown('ours/ingest.ts', (part) => ({
        count: sized(20_000),
        recordsPerChange: 10,
        history: sized(100_000 * part),
      })),
    },
    {
      rows: [{ work: 'append after 50,000 records', unit: perSecond, figure: 'perSecond' }],
      contestants: grown('ours/append.ts', (part) => ({
        count: sized(5_000),
        callers: 256,
        history: sized(50_000 * part),
      })),
    },
    {
      rows: [
        { work: 'trust, one pair by edges', unit: 'ms', figure: 'pairMs' },
        { work: 'trust, one observer of all by edges', unit: 'ms', figure: 'allMs' },
      ],
      contestants: grown('ours/questions.ts', (part) => ({
        societies: sized(10_000 * part),
        seen: 10,
      })),
    },
    {
      rows: [{ work: 'live p50 on 4 nodes after 20,000 records', unit: 'ms', figure: 'idleP50Ms' }],
      contestants: grown('live.ts', (part) => ({
        program: program('ours/fleet-node.ts').href,
        size: 4,
        burst: sized(400),
        history: sized(20_000 * part),
      })),
      isLong: true,
    },
    {
      rows: restartRows('restart with 1,000,000 records'),
      contestants: grown('ours/restart.ts', (part) => ({ count: sized(1_000_000 * part) })),
      isLong: true,
    },
    {
      rows: restartRows('restart with 10,000 societies'),
      contestants: grown('ours/restart.ts', (part) => ({ societies: sized(10_000 * part) })),
      isLong: true,
    },
  ]
}

/** The one table of what is measured, at a scale. */
export function trialsAt({ part, nodes }: Scale): readonly Trial[] {
  const sized = (count: number): number => Math.max(2, Math.round(count * part))
  return [
    ...appendTrials(sized),
    ...ingestTrials(sized),
    ...joinTrials(sized),
    liveTrial(nodes, false, sized(400)),
    liveTrial(2 * nodes, true, sized(400)),
    {
      rows: restartRows('restart with 100,000 records'),
      contestants: [ours('ours/restart.ts', { count: sized(100_000) })],
    },
    ...questionTrials(sized),
    ...growthTrials(sized),
  ]
}
