// Made of the schemas of node/api/routes by `npm run client`; not to be edited.

/** `sources` of `energy` of the answer of `getStatus`. */
export type StatusEnergySourcesEach = {
  readonly type: string
  readonly capacity: number
  readonly occupied: number
  readonly assurance: number
  readonly state: 'valid' | 'stale' | 'contested' | 'retired'
  readonly simulated: boolean
  readonly site: string | null
  readonly measuredAt: string
  readonly staleAt: string
}

/** `energy` of the answer of `getStatus`. */
export type StatusEnergy = {
  readonly capacity: number
  readonly sources: Readonly<Record<string, StatusEnergySourcesEach>>
}

/** `batches` of `atp` of the answer of `getStatus`. */
export type StatusAtpBatches = {
  readonly id: string
  readonly amount: number
  readonly source: string
  readonly expiresAt: string
}

/** `atp` of the answer of `getStatus`. */
export type StatusAtp = {
  readonly available: number
  readonly reserved: number
  readonly escrowed: number
  readonly lent: number
  readonly borrowed: number
  readonly wasted: number
  readonly batches: readonly StatusAtpBatches[]
}

/** `adp` of the answer of `getStatus`. */
export type StatusAdp = {
  readonly pool: number
  readonly escrowed: number
}

/** `tickets` of `work` of the answer of `getStatus`. */
export type StatusWorkTickets = {
  readonly id: string
  readonly worker: string
  readonly amount: number
  readonly state: 'active' | 'completed' | 'failed'
}

/** `work` of the answer of `getStatus`. */
export type StatusWork = {
  readonly queued: number
  readonly active: number
  readonly completed: number
  readonly failed: number
  readonly tickets: readonly StatusWorkTickets[]
}

/** `queue` of the answer of `getStatus`. */
export type StatusQueue = {
  readonly id: string
  readonly requester: string
  readonly amount: number
  readonly class: number
  readonly urgency: number
  readonly submittedAt: string
}

/** `bond` of the answer of `getStatus`. */
export type StatusBond = {
  readonly state: 'none' | 'active' | 'violated' | 'fulfilled' | 'abandoned'
  readonly capacity: number
  readonly until: string | null
}

/** `vouches` of the answer of `getStatus`. */
export type StatusVouches = {
  readonly given: number
  readonly received: number
}

/** `flags` of the answer of `getStatus`. */
export type StatusFlags = {
  readonly name: string
  readonly severity: number
  readonly evidence: readonly string[]
}

/** `alerts` of the answer of `getStatus`. */
export type StatusAlerts = {
  readonly kind: 'waste'
  readonly batch: string
  readonly source: string
  readonly amount: number
  readonly ageMs: number
  readonly age: string
}

/** `reasons` of `health` of the answer of `getStatus`. */
export type StatusHealthReasons = {
  readonly code: string
  readonly message: string
}

/** `health` of the answer of `getStatus`. */
export type StatusHealth = {
  readonly state: 'ok' | 'bad'
  readonly reasons: readonly StatusHealthReasons[]
  readonly jobs: number
  readonly waiting: number
}

/** `heads` of the answer of `getStatus`. */
export type StatusHeads = {
  readonly document: string
  readonly society: string
  readonly name: string
  readonly kind: 'trust' | 'pool'
  readonly seq: number
  readonly hash: string
  readonly state: string
}

/** The answer of `getStatus`. */
export type Status = {
  readonly id: string
  readonly name: string
  readonly time: string
  readonly federation: string | null
  readonly parent: string | null
  readonly children: readonly string[]
  readonly energy: StatusEnergy
  readonly atp: StatusAtp
  readonly adp: StatusAdp
  readonly supply: number
  readonly work: StatusWork
  readonly queue: readonly StatusQueue[]
  readonly reputation: number
  readonly bond: StatusBond
  readonly vouches: StatusVouches
  readonly standing: 'good' | 'equivocated'
  readonly forged?: number
  readonly flags: readonly StatusFlags[]
  readonly alerts: readonly StatusAlerts[]
  readonly api: string
  readonly version: string
  readonly startedAt: string
  readonly peer: string
  readonly addresses: readonly string[]
  readonly peers: number
  readonly health: StatusHealth
  readonly heads: readonly StatusHeads[]
}

/** The answer of `listSocieties`. */
export type Societies = {
  readonly id: string
  readonly name: string
  readonly membership: 'member' | 'applicant' | 'guest'
  readonly member: boolean
  readonly self: boolean
  readonly parent: string | null
  readonly capacity: number
  readonly available: number
  readonly adp: number
  readonly supply: number
  readonly standing: 'good' | 'equivocated'
}

/** The answer of `getSociety`. */
export type Society = {
  readonly id: string
  readonly name: string
  readonly time: string
  readonly federation: string | null
  readonly parent: string | null
  readonly children: readonly string[]
  readonly energy: StatusEnergy
  readonly atp: StatusAtp
  readonly adp: StatusAdp
  readonly supply: number
  readonly work: StatusWork
  readonly queue: readonly StatusQueue[]
  readonly reputation: number
  readonly bond: StatusBond
  readonly vouches: StatusVouches
  readonly standing: 'good' | 'equivocated'
  readonly forged?: number
  readonly flags: readonly StatusFlags[]
  readonly alerts: readonly StatusAlerts[]
}

/** `witnesses` of `batches` of the answer of `getBacking`. */
export type BackingBatchesWitnesses = {
  readonly society: string
  readonly record: string
  readonly verdict: boolean
  readonly level: number
  readonly samples: number
  readonly path: string | null
  readonly evidence: string | null
}

/** `batches` of the answer of `getBacking`. */
export type BackingBatches = {
  readonly id: string
  readonly amount: number
  readonly source: string
  readonly expiresAt: string
  readonly chain: readonly string[]
  readonly charger: string
  readonly owner: string
  readonly assurance: number
  readonly simulated: boolean
  readonly proven: boolean
  readonly witnesses: readonly BackingBatchesWitnesses[]
}

/** `problems` of the answer of `getBacking`. */
export type BackingProblems = {
  readonly code: string
  readonly message: string
  readonly record: string | null
  readonly amount: number
}

/** `byExpiry` of the answer of `getBacking`. */
export type BackingByExpiryEach = {
  readonly claimed: number
  readonly proven: number
}

/** `sources` of the answer of `getBacking`. */
export type BackingSources = {
  readonly source: string
  readonly society: string
  readonly type: string
  readonly state: 'valid' | 'stale' | 'contested' | 'retired'
  readonly assurance: number
  readonly simulated: boolean
  readonly capacity: number
  readonly occupied: number
  readonly claimed: number
  readonly proven: number
}

/** The answer of `getBacking`. */
export type Backing = {
  readonly society: string
  readonly claimed: number
  readonly proven: number
  readonly byAssurance: Readonly<Record<string, number>>
  readonly batches: readonly BackingBatches[]
  readonly problems: readonly BackingProblems[]
  readonly verdict: 'backed' | 'partly' | 'unbacked'
  readonly at: string
  readonly viewer: string
  readonly federation: string
  readonly acceptAssurance: number
  readonly claimedByAssurance: Readonly<Record<string, number>>
  readonly byExpiry: Readonly<Record<string, BackingByExpiryEach>>
  readonly sources: readonly BackingSources[]
}

/** `trust` of `asOf` of the answer of `getHistory`. */
export type HistoryAsOfTrust = {
  readonly changes: number
  readonly head: string
  readonly time: string
}

/** `partial` of `asOf` of the answer of `getHistory`. */
export type HistoryAsOfPartial = {
  readonly member: string
  readonly because: string
}

/** `asOf` of the answer of `getHistory`. */
export type HistoryAsOf = {
  readonly at: string
  readonly known: string
  readonly trust: HistoryAsOfTrust | null
  readonly pool: HistoryAsOfTrust | null
  readonly later: number
  readonly others: readonly string[]
  readonly partial: readonly HistoryAsOfPartial[]
}

/** The answer of `getHistory`. */
export type History = {
  readonly id: string
  readonly name: string
  readonly time: string
  readonly federation: string | null
  readonly parent: string | null
  readonly children: readonly string[]
  readonly energy: StatusEnergy
  readonly atp: StatusAtp
  readonly adp: StatusAdp
  readonly supply: number
  readonly work: StatusWork
  readonly queue: readonly StatusQueue[]
  readonly reputation: number
  readonly bond: StatusBond
  readonly vouches: StatusVouches
  readonly standing: 'good' | 'equivocated'
  readonly forged?: number
  readonly flags: readonly StatusFlags[]
  readonly alerts: readonly StatusAlerts[]
  readonly asOf: HistoryAsOf
}
