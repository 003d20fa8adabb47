/** How much the API takes on; tests pass smaller values. */
export type ApiLimits = {
  /** Largest body of a request, in bytes: the largest record is a quarter of it. */
  readonly bodyBytesMax: number
  /** Time to send a whole request, in ms: ends clients that trickle. */
  readonly requestTimeoutMs: number
  /** Connections at a time; a dashboard and a few scripts need a tenth of it. */
  readonly connectionsMax: number
  /** Event streams at a time: each costs a copy of every event. */
  readonly eventClientsMax: number
  /** Period of the comments that keep an event stream alive through proxies, in ms. */
  readonly heartbeatMs: number
  /** How long a client may leave its event stream unread before it is dropped, in ms. */
  readonly slowClientMs: number
  /** Measurements at a time: a meter answers one client at a time, many of them badly. */
  readonly measurementsMax: number
  /** Backing files made at a time: each may hold 64 MiB of documents twice. */
  readonly exportsMax: number
  /** Questions about the past at a time: each folds whole documents again. */
  readonly historiesMax: number
  /** Time for answers under way when the API closes, in ms. */
  readonly closeGraceMs: number
  /** Requests of one kind of caller in `rateWindowMs`; a dashboard and scripts need a tenth. */
  readonly readerRequestsMax: number
  readonly writerRequestsMax: number
  /** The same without a token, or with a wrong one, from one address: supervisors need a tenth. */
  readonly strangerRequestsMax: number
  /** Window in which requests are counted, in ms. */
  readonly rateWindowMs: number
  /** How late the event loop may be on average of a second before requests are shed, in ms. */
  readonly loopDelayMsMax: number
  /** Share of the heap's limit above which requests are shed, before the process dies of it. */
  readonly heapShareMax: number
}

/** The limits of a real node. */
export const apiLimits: ApiLimits = {
  bodyBytesMax: 65_536,
  requestTimeoutMs: 30_000,
  connectionsMax: 256,
  eventClientsMax: 32,
  heartbeatMs: 15_000,
  slowClientMs: 10_000,
  measurementsMax: 4,
  exportsMax: 2,
  historiesMax: 2,
  closeGraceMs: 2_000,
  readerRequestsMax: 3_000,
  writerRequestsMax: 3_000,
  strangerRequestsMax: 1_000,
  rateWindowMs: 10_000,
  loopDelayMsMax: 2_000,
  heapShareMax: 0.9,
}

/** Longest text in a query or a path, in characters: ids and names are shorter. */
export const queryTextMax = 128
/** Nodes that are refused at a time: more than a test network on one machine has. */
export const blockedPeersMax = 256
/** Records in one answer where the client names no number; it may ask for ten times as many. */
export const recordsPageDefault = 100
/** Most records in one answer: what a replica lists at a time. */
export const recordsPageMax = 1_000
/** When to ask again after a request was shed or the node was stopping, in s. */
export const retryAfterSeconds = 2
/** How long an event stream's client waits before it connects again, in ms. */
export const eventRetryMs = 2_000
/** How long a code for the dashboard may be used, in ms: a person copies it at once. */
export const codeLifeMs = 300_000
/** How long a browser stays admitted, in ms: a day's work. */
export const sessionLifeMs = 86_400_000
/** Codes known at a time: one operator opens a browser now and then. */
export const codesMax = 16
/** Browsers admitted at a time: tabs that were closed stay among them. */
export const sessionsMax = 64
/** Longest code that is looked up, in characters. */
export const codeTextMax = 64
