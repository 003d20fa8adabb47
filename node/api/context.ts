import type { Readable } from 'node:stream'
import type { Log, Measurement, PeerName, Replica } from '../../src/index.ts'
import type { TimeServerView } from '../clock/time-servers.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { MeasureRequest } from '../meters/meters.ts'
import type { PeerDetails } from '../network/connections.ts'
import type { Renewals } from '../renewal/renewals.ts'
import type { ScrubView } from '../store/scrubbing.ts'
import type { EventStreams } from './event-streams.ts'
import type { ApiLimits } from './limits.ts'
import type { LoopDelay } from './loop-delay.ts'
import type { Sessions } from './sessions.ts'

/** What the API shows of the network. */
export type ApiNetwork = {
  readonly self: PeerName
  addresses(): readonly string[]
  peerDetails(): readonly PeerDetails[]
  peers(): readonly PeerName[]
  /** Exactly these peers are refused from now on, and lose the connections they have. */
  setBlocked(peers: ReadonlySet<PeerName>): void
  /** Counts of what was sent, received and dropped, by name. */
  counters(): Readonly<Record<string, number>>
}

/** What the API asks of the measurements that are made again. */
export type ApiRenewals = Pick<Renewals, 'remember' | 'view' | 'failing'>

/** What an API is made of. */
export type ApiOptions = {
  readonly replica: Replica
  readonly network: ApiNetwork
  /** Measures at the device; fails with `source-unavailable`, `source-nonsense` and the like. */
  readonly measure: (request: MeasureRequest) => Promise<Measurement>
  readonly renewals: ApiRenewals
  /** What the time servers that the operator named said last. */
  readonly timeServers: () => readonly TimeServerView[]
  /** How the store was last found. */
  readonly scrubbed: () => ScrubView
  /** Bytes that the store takes on disk. */
  readonly storeBytes: () => Promise<number>
  /** A backup of the node as it stands, under a passphrase or in clear. */
  readonly backup: (passphrase: string | null) => Promise<Readable>
  /** Address to listen on, and the name to be called by besides those of loopback. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** What a bearer has to show: visible ASCII characters. */
  readonly token: string
  /** The same for who may ask and nothing else. */
  readonly readToken: string
  readonly version: string
  /** Where the built dashboard lies; where `npm run dashboard` puts it, if it is not said. */
  readonly dashboard?: string
  readonly log: Log
  /** Milliseconds since 1970; tells the event ids of one run from those of another. */
  readonly startedAt: number
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** How far that is ahead of the machine's, in s. */
  readonly aheadSeconds: number
  /** Called once, after the answer to `POST /v1/stop` has left. */
  readonly onStop: () => void
}

/** What routes work with. */
export type ApiContext = Omit<ApiOptions, 'host' | 'port' | 'token' | 'readToken'> & {
  readonly limits: ApiLimits
  readonly streams: EventStreams
  /** Browsers that use the dashboard. */
  readonly sessions: Sessions
  readonly loopDelay: LoopDelay
  readonly metrics: Metrics
  /** Address that the API answers at. */
  readonly url: () => string
  /** The OpenAPI description of all routes. */
  readonly description: () => unknown
}
