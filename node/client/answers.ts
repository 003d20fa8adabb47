// Made of the schemas of node/api/routes by `npm run client`; not to be edited.
import type { StatusHealthReasons } from './societies.ts'

/** The answer of `getHealth`. */
export type Health = {
  readonly state: 'ok' | 'bad'
  readonly reasons: readonly string[]
}

/** The answer of `stopNode`. */
export type StopNode = {
  readonly stopping: true
}

/** The answer of `resumeSigning`. */
export type ResumeSigning = {
  readonly resumed: boolean
}

/** `peers` of the answer of `getClock`. */
export type ClockPeers = {
  readonly society: string
  readonly offsetMs: number
}

/** `servers` of the answer of `getClock`. */
export type ClockServers = {
  readonly server: string
  readonly offsetMs: number | null
  readonly errorMs: number | null
  readonly failure: string | null
}

/** The answer of `getClock`. */
export type Clock = {
  readonly state: 'right' | 'behind' | 'skewed' | 'jumped'
  readonly message: string | null
  readonly time: string
  readonly aheadSeconds: number
  readonly highestSeen: string
  readonly peersOffsetMs: number | null
  readonly peers: readonly ClockPeers[]
  readonly serversOffsetMs: number | null
  readonly servers: readonly ClockServers[]
}

/** `theirs` of `exchange` of the answer of `listPeers`. */
export type PeersExchangeTheirs = {
  readonly trust: number
  readonly pool: number
  readonly trustSaid: number
  readonly poolSaid: number
}

/** `ours` of `exchange` of the answer of `listPeers`. */
export type PeersExchangeOurs = {
  readonly trust: number
  readonly pool: number
  readonly at: string
}

/** `exchange` of the answer of `listPeers`. */
export type PeersExchange = {
  readonly theirs: PeersExchangeTheirs
  readonly ours: PeersExchangeOurs | null
}

/** The answer of `listPeers`. */
export type Peers = {
  readonly peer: string
  readonly society: string | null
  readonly name: string | null
  readonly member: boolean
  readonly direction: 'inbound' | 'outbound' | 'none'
  readonly since: string | null
  readonly addresses: readonly string[]
  readonly latencyMs: number | null
  readonly lastFailure: string | null
  readonly points: number
  readonly exchange: PeersExchange | null
}

/** `members` of the answer of `listMembers`. */
export type MembersMembers = {
  readonly id: string
  readonly name: string
}

/** The answer of `listMembers`. */
export type Members = {
  readonly members: readonly MembersMembers[]
  readonly applicants: readonly MembersMembers[]
  readonly guests: readonly MembersMembers[]
}

/** The answer of `blockPeers`. */
export type BlockPeers = {
  readonly blocked: readonly string[]
}

/** The answer of `getQueue`. */
export type Queue = {
  readonly id: string
  readonly requester: string
  readonly amount: number
  readonly class: number
  readonly urgency: number
  readonly submittedAt: string
  readonly place: number
  readonly efficiency: number
  readonly critical: boolean
  readonly deadline: string
  readonly waitedMs: number
  readonly trust: number
  readonly nextClassAt: string | null
  readonly fits: boolean
  readonly why: string
}

/** `problems` of `audit` of the answer of `auditRequest`. */
export type AuditRequestAuditProblems = {
  readonly kind: 'passed-over' | 'class-not-aged'
  readonly message: string
  readonly record: string
}

/** `audit` of the answer of `auditRequest`. */
export type AuditRequestAudit = {
  readonly verdict: 'honoured' | 'not-honoured' | 'waiting'
  readonly problems: readonly AuditRequestAuditProblems[]
}

/** The answer of `auditRequest`. */
export type AuditRequest = {
  readonly id: string
  readonly requester: string
  readonly to: string
  readonly amount: number
  readonly urgency: number
  readonly efficiency: number
  readonly critical: boolean
  readonly submittedAt: string
  readonly deadline: string
  readonly state: 'waiting' | 'served' | 'refused' | 'dropped'
  readonly code: string | null
  readonly place: number | null
  readonly why: string | null
  readonly class: number | null
  readonly ticket: string | null
  readonly servedAt: string | null
  readonly audit: AuditRequestAudit | null
}

/** The answer of `listTickets`. */
export type Tickets = {
  readonly id: string
  readonly worker: string
  readonly amount: number
  readonly state: 'active' | 'completed' | 'failed'
  readonly society: string
  readonly allocatedAt: string
  readonly deadline: string
  readonly description: string | null
  readonly request: string | null
  readonly class: number | null
  readonly end: string | null
  readonly endedAt: string | null
  readonly beneficiary: string | null
  readonly quality: number | null
  readonly consumed: number | null
  readonly reason: string | null
}

/** `offers` of the answer of `listTrades`. */
export type TradesOffers = {
  readonly id: string
  readonly seller: string
  readonly amount: number
  readonly left: number
  readonly price: number
  readonly to: string | null
  readonly service: string | null
  readonly expiresAt: string
  readonly mine: boolean
}

/** `acceptances` of the answer of `listTrades`. */
export type TradesAcceptances = {
  readonly id: string
  readonly offer: string
  readonly buyer: string
  readonly seller: string
  readonly amount: number
  readonly due: number
  readonly mine: boolean
}

/** The answer of `listTrades`. */
export type Trades = {
  readonly offers: readonly TradesOffers[]
  readonly acceptances: readonly TradesAcceptances[]
}

/** The answer of `listRecords`. */
export type Records = {
  readonly id: string
  readonly society: string
  readonly document: 'trust' | 'pool'
  readonly seq: number
  readonly time: string
  readonly kind: string
  readonly void: string | null
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

/** The answer of `writeRecord`. */
export type WriteRecord = {
  readonly id: string
}

/** `renewal` of the answer of `listSources`. */
export type SourcesRenewal = {
  readonly nextLook: string
  readonly renewal: string
  readonly failures: number
  readonly host: string | null
  readonly failure: StatusHealthReasons | null
}

/** The answer of `listSources`. */
export type Sources = {
  readonly id: string
  readonly type: string
  readonly capacity: number
  readonly occupied: number
  readonly assurance: number
  readonly state: 'valid' | 'stale' | 'contested' | 'retired'
  readonly simulated: boolean
  readonly site: string | null
  readonly measuredAt: string
  readonly staleAt: string
  readonly renewal: SourcesRenewal | null
}

/** The answer of `measure`. */
export type Measure = {
  readonly id: string
  readonly source: string
  readonly capacity: number
  readonly method: string
  readonly measuredAt: string
  readonly assurance: number
  readonly simulated: boolean
  readonly evidence: string
}

/** The answer of `measure`. */
export type MeasureOther = {
  readonly source: string
  readonly capacity: number
  readonly method: string
  readonly measuredAt: string
  readonly assurance: number
  readonly simulated: boolean
  readonly evidence: string
}

/** The answer of `confirmWork`. */
export type ConfirmWork = {
  readonly ticket: string
}

/** The answer of `disownWork`. */
export type DisownWork = {
  readonly receipt: string
}

/** The answer of `makeDashboardCode`. */
export type MakeDashboardCode = {
  readonly code: string
  readonly access: 'read' | 'write'
  readonly expiresAt: string
}

/** The answer of `openDashboardSession`. */
export type OpenDashboardSession = {
  readonly token: string
  readonly access: 'read' | 'write'
  readonly expiresAt: string
}

/** `process` of the answer of `getVitals`. */
export type VitalsProcess = {
  readonly residentBytes: number
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
}

/** `queues` of the answer of `getVitals`. */
export type VitalsQueues = {
  readonly what: string
  readonly size: number
  readonly max: number
}

/** `sync` of the answer of `getVitals`. */
export type VitalsSync = {
  readonly society: string
  readonly name: string
  readonly kind: 'trust' | 'pool'
  readonly held: number
  readonly announced: number
  readonly announcedAt: string
}

/** `certificates` of the answer of `getVitals`. */
export type VitalsCertificates = {
  readonly peer: string
  readonly until: string
}

/** `witnesses` of the answer of `getVitals`. */
export type VitalsWitnesses = {
  readonly society: string
  readonly name: string
  readonly connected: boolean
}

/** `bond` of the answer of `getVitals`. */
export type VitalsBond = {
  readonly state: string
  readonly until: string
  readonly proven: boolean
  readonly breaksAt: string | null
}

/** `equivocated` of the answer of `getVitals`. */
export type VitalsEquivocated = {
  readonly society: string
  readonly name: string
}

/** The answer of `getVitals`. */
export type Vitals = {
  readonly uptimeMs: number
  readonly process: VitalsProcess
  readonly queues: readonly VitalsQueues[]
  readonly sync: readonly VitalsSync[]
  readonly certificates: readonly VitalsCertificates[]
  readonly witnesses: readonly VitalsWitnesses[]
  readonly members: readonly VitalsWitnesses[]
  readonly admitted: boolean
  readonly bond: VitalsBond | null
  readonly restoring: boolean
  readonly equivocated: readonly VitalsEquivocated[]
  readonly eventClients: number
  readonly network: Readonly<Record<string, number>>
}

/** `reasons` of the answer of `explain`. */
export type ExplainReasons = {
  readonly question: string
  readonly state: 'yes' | 'no' | 'unknown'
  readonly because: string
  readonly records: readonly string[]
}

/** The answer of `explain`. */
export type Explain = {
  readonly about: 'society' | 'peer' | 'batch' | 'record'
  readonly id: string
  readonly name: string | null
  readonly reasons: readonly ExplainReasons[]
}

/** `checkpoint` of `own` of the answer of `getCheckpoints`. */
export type CheckpointsOwnCheckpoint = {
  readonly id: string
  readonly at: string
  readonly seq: number
}

/** `unsigned` of `tried` of `own` of the answer of `getCheckpoints`. */
export type CheckpointsOwnTriedUnsigned = {
  readonly society: string
  readonly name: string
  readonly because: string
}

/** `tried` of `own` of the answer of `getCheckpoints`. */
export type CheckpointsOwnTried = {
  readonly at: string
  readonly signed: number
  readonly needed: number
  readonly unsigned: readonly CheckpointsOwnTriedUnsigned[]
}

/** `own` of the answer of `getCheckpoints`. */
export type CheckpointsOwn = {
  readonly kind: 'trust' | 'pool'
  readonly changes: number
  readonly checkpoint: CheckpointsOwnCheckpoint | null
  readonly due: boolean
  readonly tried: CheckpointsOwnTried | null
}

/** `documents` of the answer of `getCheckpoints`. */
export type CheckpointsDocuments = {
  readonly document: string
  readonly society: string
  readonly name: string
  readonly kind: 'trust' | 'pool'
  readonly changes: number
  readonly dropped: number
  readonly keptSince: string | null
  readonly old: number
  readonly witnesses: number
}

/** `dropped` of the answer of `getCheckpoints`. */
export type CheckpointsDropped = {
  readonly changes: number
  readonly facts: number
  readonly bytes: number
}

/** The answer of `getCheckpoints`. */
export type Checkpoints = {
  readonly keep: 'all' | 'window'
  readonly witnesses: number
  readonly own: readonly CheckpointsOwn[]
  readonly lookedAt: string | null
  readonly documents: readonly CheckpointsDocuments[]
  readonly dropped: CheckpointsDropped
  readonly storeBytes: number
}
