// Made of the schemas of node/api/routes by `npm run client`; not to be edited.

/** The params of `getSociety`. */
export type SocietyParams = {
  readonly id: string
}

/** The query of `getHistory`. */
export type HistoryQuery = {
  readonly at?: string | undefined
}

/** The body of `blockPeers`. */
export type BlockPeersBody = {
  readonly peers: readonly string[]
}

/** The query of `getTrust`. */
export type TrustQuery = {
  readonly observer?: string | undefined
}

/** The query of `listBonds`. */
export type BondsQuery = {
  readonly society?: string | undefined
}

/** The query of `listTickets`. */
export type TicketsQuery = {
  readonly society?: string | undefined
  readonly worker?: string | undefined
}

/** The query of `listRecords`. */
export type RecordsQuery = {
  readonly society?: string | undefined
  readonly kind?: string | undefined
  readonly document?: 'trust' | 'pool' | undefined
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/** The body of `writeRecord`. */
export type WriteRecordBody = {
  readonly kind: string
  readonly with?: Readonly<Record<string, unknown>> | undefined
}

/** The body of `measure`. */
export type MeasureBody = {
  readonly sunspec?: string | undefined
  readonly unit?: number | undefined
  readonly tls?: boolean | undefined
  readonly fronius?: string | undefined
  readonly victron?: string | undefined
  readonly nvml?: true | undefined
  readonly library?: string | undefined
  readonly gpu?: string | undefined
  readonly exporter?: string | undefined
  readonly rapl?: true | undefined
  readonly root?: string | undefined
  readonly jetson?: true | undefined
  readonly p1?: string | undefined
  readonly openadr?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  readonly resource?: string | undefined
  readonly receipts?: true | undefined
  readonly site?: string | undefined
  readonly poweredBy?: string | undefined
  readonly type: 'battery' | 'compute' | 'grid' | 'human' | 'solar' | 'wind'
  readonly dryRun?: boolean | undefined
}

/** The body of `confirmWork`. */
export type ConfirmWorkBody = {
  readonly ticket: string
  readonly quality: number | string
  readonly started?: string | undefined
  readonly finished?: string | undefined
}

/** The body of `disownWork`. */
export type DisownWorkBody = {
  readonly receipt: string
}

/** The body of `makeDashboardCode`. */
export type MakeDashboardCodeBody = {
  readonly access?: 'read' | 'write' | undefined
}

/** The body of `openDashboardSession`. */
export type OpenDashboardSessionBody = {
  readonly code: string
}
