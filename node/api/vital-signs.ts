/** A document of which this node has heard more than it holds. */
export type SyncLag = {
  readonly society: string
  readonly name: string
  readonly kind: 'trust' | 'pool'
  /** Changes held here, and those of the newest head that its society signed. */
  readonly held: number
  readonly announced: number
  /** ISO 8601: when that head was signed. */
  readonly announcedAt: string
}

/** A society, and whether a node of its own is connected. */
export type Reached = {
  readonly society: string
  readonly name: string
  readonly connected: boolean
}

/** What a node says of how it fares, for `doctor` and for metrics. */
export type Vitals = {
  readonly uptimeMs: number
  readonly process: {
    readonly residentBytes: number
    readonly heapUsedBytes: number
    readonly heapLimitBytes: number
    readonly loopDelayP99Ms: number
    readonly loopDelayMaxMs: number
  }
  readonly queues: readonly { readonly what: string; readonly size: number; readonly max: number }[]
  readonly sync: readonly SyncLag[]
  /** Until when this society certifies its nodes; ISO 8601. */
  readonly certificates: readonly { readonly peer: string; readonly until: string }[]
  readonly witnesses: readonly Reached[]
  readonly members: readonly Reached[]
  /** Whether others count this society as a member, as far as is known here. */
  readonly admitted: boolean
  readonly bond: BondVitals | null
  /** Whether it waits to hear what it signed after its backup was made. */
  readonly restoring: boolean
  readonly equivocated: readonly { readonly society: string; readonly name: string }[]
  readonly eventClients: number
  /** Counts of what the network sent, received and dropped, by name. */
  readonly network: Readonly<Record<string, number>>
}

/** This society's bond; ISO 8601. */
export type BondVitals = {
  readonly state: string
  readonly until: string
  /** Whether its sources are proven for what it commits. */
  readonly proven: boolean
  /** When it breaks unless they are proven again; null while they are. */
  readonly breaksAt: string | null
}
