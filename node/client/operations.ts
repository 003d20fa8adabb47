// Made of the schemas of node/api/routes by `npm run client`; not to be edited.
import type {
  AuditRequest,
  BlockPeers,
  Checkpoints,
  Clock,
  ConfirmWork,
  DisownWork,
  Explain,
  Health,
  MakeDashboardCode,
  Measure,
  MeasureOther,
  Members,
  OpenDashboardSession,
  Peers,
  Queue,
  Records,
  ResumeSigning,
  Sources,
  StopNode,
  Tickets,
  Trades,
  Vitals,
  WriteRecord,
} from './answers.ts'
import type {
  BlockPeersBody,
  BondsQuery,
  ConfirmWorkBody,
  DisownWorkBody,
  HistoryQuery,
  MakeDashboardCodeBody,
  MeasureBody,
  OpenDashboardSessionBody,
  RecordsQuery,
  SocietyParams,
  TicketsQuery,
  TrustQuery,
  WriteRecordBody,
} from './questions.ts'
import type { Backing, History, Societies, Society, Status, StatusHeads } from './societies.ts'
import type { Bonds, Trust, Vouches } from './trust.ts'

/** Every operation that answers JSON: what it is given, undefined for nothing, and the answer. */
export type Operations = {
  /** This node's society, the node itself, and where its documents stand. */
  readonly getStatus: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Status
  }
  /** Where every document stands. */
  readonly listHeads: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: readonly StatusHeads[]
  }
  /** Whether the node works; for supervisors, without a token. */
  readonly getHealth: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Health
  }
  /** Stops the node once everything handed in is on disk. */
  readonly stopNode: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: StopNode
  }
  /** Has a restored node sign again: its operator knows that nobody has anything newer of it. */
  readonly resumeSigning: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: ResumeSigning
  }
  /** How this machine's clock stands beside those of others; by it everything is dated. */
  readonly getClock: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Clock
  }
  /** Members of the federation, those who ask to be and guests, in short. */
  readonly listSocieties: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: readonly Societies[]
  }
  /** A society as this node sees it. */
  readonly getSociety: {
    readonly params: SocietyParams
    readonly query: undefined
    readonly body: undefined
    readonly answer: Society
  }
  /** May I take this society's ATP, and why. */
  readonly getBacking: {
    readonly params: SocietyParams
    readonly query: undefined
    readonly body: undefined
    readonly answer: Backing
  }
  /** A society as the ledger stood at a time, folded again from its changes up to there. */
  readonly getHistory: {
    readonly params: SocietyParams
    readonly query: HistoryQuery
    readonly body: undefined
    readonly answer: History
  }
  /** Nodes connected, and those of members that are not. */
  readonly listPeers: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: readonly Peers[]
  }
  /** Who belongs to the federation in the eyes of this node, who asks to, and who else is known. */
  readonly listMembers: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Members
  }
  /** Refuses exactly these nodes until it is told otherwise or ends; in test federations. */
  readonly blockPeers: {
    readonly params: undefined
    readonly query: undefined
    readonly body: BlockPeersBody
    readonly answer: BlockPeers
  }
  /** What a society makes of another: every term, the paths and the records behind it. */
  readonly getTrust: {
    readonly params: SocietyParams
    readonly query: TrustQuery
    readonly body: undefined
    readonly answer: Trust
  }
  /** The newest bond of every society that has one. */
  readonly listBonds: {
    readonly params: undefined
    readonly query: BondsQuery
    readonly body: undefined
    readonly answer: readonly Bonds[]
  }
  /** Vouches that societies have given and accepted, and how they came out. */
  readonly listVouches: {
    readonly params: undefined
    readonly query: BondsQuery
    readonly body: undefined
    readonly answer: readonly Vouches[]
  }
  /** Requests that wait for a society in the order they are served, and why in this order. */
  readonly getQueue: {
    readonly params: undefined
    readonly query: BondsQuery
    readonly body: undefined
    readonly answer: readonly Queue[]
  }
  /** A request to any society, what became of it, and whether its place was honoured. */
  readonly auditRequest: {
    readonly params: SocietyParams
    readonly query: undefined
    readonly body: undefined
    readonly answer: AuditRequest
  }
  /** Tickets that a society has allocated, or that a worker has wherever it works. */
  readonly listTickets: {
    readonly params: undefined
    readonly query: TicketsQuery
    readonly body: undefined
    readonly answer: readonly Tickets[]
  }
  /** Open offers, and acceptances that wait for an answer. */
  readonly listTrades: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Trades
  }
  /** Records of a society in the order of its chains, trust before pool. */
  readonly listRecords: {
    readonly params: undefined
    readonly query: RecordsQuery
    readonly body: undefined
    readonly answer: readonly Records[]
  }
  /** Writes a record of this node's society; energy.prove by this way is of level 0. */
  readonly writeRecord: {
    readonly params: undefined
    readonly query: undefined
    readonly body: WriteRecordBody
    readonly answer: WriteRecord
  }
  /** This society's sources, and when each is measured again. */
  readonly listSources: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: readonly Sources[]
  }
  /** Measures a source at its device, signs and publishes the proof, now and from now on. */
  readonly measure: {
    readonly params: undefined
    readonly query: undefined
    readonly body: MeasureBody
    readonly answer: Measure | MeasureOther
  }
  /** Has this node sign a ticket's completion at just this quality, and these hours if given. */
  readonly confirmWork: {
    readonly params: undefined
    readonly query: undefined
    readonly body: ConfirmWorkBody
    readonly answer: ConfirmWork
  }
  /** Has this node tell witnesses that its society does not stand by a receipt of work. */
  readonly disownWork: {
    readonly params: undefined
    readonly query: undefined
    readonly body: DisownWorkBody
    readonly answer: DisownWork
  }
  /** A code with which one browser may open the dashboard once, within five minutes. */
  readonly makeDashboardCode: {
    readonly params: undefined
    readonly query: undefined
    readonly body: MakeDashboardCodeBody
    readonly answer: MakeDashboardCode
  }
  /** Exchanges a code for the bearer token of a session, once. */
  readonly openDashboardSession: {
    readonly params: undefined
    readonly query: undefined
    readonly body: OpenDashboardSessionBody
    readonly answer: OpenDashboardSession
  }
  /** How the node fares: its process, its queues, what it lacks, whom it reaches. */
  readonly getVitals: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Vitals
  }
  /** Why something is or is not in sync, trusted, spendable. */
  readonly explain: {
    readonly params: SocietyParams
    readonly query: undefined
    readonly body: undefined
    readonly answer: Explain
  }
  /** Checkpoints of this society, and what this node keeps of everybody’s history. */
  readonly getCheckpoints: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Checkpoints
  }
  /** Has the witnesses sign checkpoints now, and drops what may be dropped. */
  readonly writeCheckpoints: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Checkpoints
  }
  /** This description. */
  readonly describeApi: {
    readonly params: undefined
    readonly query: undefined
    readonly body: undefined
    readonly answer: Readonly<Record<string, unknown>>
  }
}

/** Method and path of every such operation. */
export const operationPlaces: {
  readonly [K in keyof Operations]: readonly [method: 'GET' | 'POST', path: string]
} = {
  getStatus: ['GET', '/v1/status'],
  listHeads: ['GET', '/v1/heads'],
  getHealth: ['GET', '/health'],
  stopNode: ['POST', '/v1/stop'],
  resumeSigning: ['POST', '/v1/resume'],
  getClock: ['GET', '/v1/clock'],
  listSocieties: ['GET', '/v1/societies'],
  getSociety: ['GET', '/v1/societies/{id}'],
  getBacking: ['GET', '/v1/societies/{id}/backing'],
  getHistory: ['GET', '/v1/societies/{id}/history'],
  listPeers: ['GET', '/v1/peers'],
  listMembers: ['GET', '/v1/members'],
  blockPeers: ['POST', '/v1/network/blocked'],
  getTrust: ['GET', '/v1/trust/{id}'],
  listBonds: ['GET', '/v1/bonds'],
  listVouches: ['GET', '/v1/vouches'],
  getQueue: ['GET', '/v1/queue'],
  auditRequest: ['GET', '/v1/queue/{id}'],
  listTickets: ['GET', '/v1/tickets'],
  listTrades: ['GET', '/v1/trades'],
  listRecords: ['GET', '/v1/records'],
  writeRecord: ['POST', '/v1/records'],
  listSources: ['GET', '/v1/sources'],
  measure: ['POST', '/v1/measurements'],
  confirmWork: ['POST', '/v1/confirmations'],
  disownWork: ['POST', '/v1/disowned'],
  makeDashboardCode: ['POST', '/v1/dashboard/codes'],
  openDashboardSession: ['POST', '/v1/dashboard/sessions'],
  getVitals: ['GET', '/v1/vitals'],
  explain: ['GET', '/v1/why/{id}'],
  getCheckpoints: ['GET', '/v1/checkpoints'],
  writeCheckpoints: ['POST', '/v1/checkpoints'],
  describeApi: ['GET', '/v1/openapi.json'],
}
