import {
  dayMs,
  EventHistory,
  recordId,
  type Claim,
  type Evidenced,
  type History,
  type Identity,
  type JobDay,
  type RecordId,
  type SocietyKey,
  type Trade,
  type VouchEdge,
} from '../../protocol/index.ts'

/** The key of a society by its name, readable in what a test prints. */
export function keyOf(name: string): SocietyKey {
  return name as SocietyKey
}

/** The instant that stories about detectors are told up to: noon, 13 full weeks after `begin`. */
export const told: number = Date.UTC(2026, 8, 20, 12)

/** A history written by hand: what detectors look at, without a chain behind it. */
export class ToldHistory implements History {
  readonly events: EventHistory = new EventHistory()
  readonly identities: Map<SocietyKey, Identity> = new Map()
  readonly vouches: VouchEdge[] = []
  readonly claims: Map<string, Claim[]> = new Map()
  readonly evidence: Map<string, Evidenced[]> = new Map()
  readonly violations: Map<SocietyKey, RecordId[]> = new Map()
  readonly names: Set<string> = new Set()
  #records = 0

  /** A fresh record id. */
  id(): RecordId {
    return recordId((++this.#records).toString(16).padStart(64, '0'), 0)
  }

  /** A society that joined so many days before the end of the story. */
  society(name: string, daysAgo = 400): void {
    this.names.add(name)
    this.identities.set(keyOf(name), { since: told - daysAgo * dayMs, record: this.id() })
  }

  /** Jobs on a day counted back from the end, the last `failures` of them bad. */
  jobs(worker: string, beneficiary: string, daysAgo: number, count: number, failures = 0): void {
    for (const name of [worker, beneficiary]) if (!this.names.has(name)) this.society(name)
    for (let i = 0; i < count; i++) {
      this.events.addJob({
        id: this.id(),
        at: told - daysAgo * dayMs,
        worker: keyOf(worker),
        beneficiary: keyOf(beneficiary),
        quality: i < count - failures ? 1_000_000 : 0,
      })
    }
  }

  /** A trade of one batch; a new batch where none is named. */
  trade(
    seller: string,
    buyer: string,
    daysAgo: number,
    amount = 1_000,
    batch: RecordId = this.id(),
  ): RecordId {
    for (const name of [seller, buyer]) if (!this.names.has(name)) this.society(name)
    this.events.addTrade({
      id: this.id(),
      at: told - daysAgo * dayMs,
      seller: keyOf(seller),
      buyer: keyOf(buyer),
      slices: [{ batch, amount }],
    })
    return batch
  }

  /** A vouch that was accepted so many days before the end, for thirty days. */
  vouch(sponsor: string, newcomer: string, daysAgo: number): void {
    const acceptedAt = told - daysAgo * dayMs
    this.vouches.push({
      sponsor: keyOf(sponsor),
      newcomer: keyOf(newcomer),
      acceptedAt,
      until: acceptedAt + 30 * dayMs,
      records: [this.id(), this.id()],
    })
  }

  /** A claim that began, and may have ended, so many days before the end. */
  claim(
    society: string,
    source: string,
    daysAgo: number,
    given: {
      readonly retired?: number
      readonly level?: number
      readonly transcript?: string
    } = {},
  ): void {
    if (!this.names.has(society)) this.society(society)
    const since = told - daysAgo * dayMs
    const proof = this.id()
    const claims = this.claims.get(source) ?? []
    const retiredAt = given.retired === undefined ? null : told - given.retired * dayMs
    const level = given.level ?? 1
    claims.push({ society: keyOf(society), proof, level, since, heldSince: since, retiredAt })
    this.claims.set(source, claims)
    const transcript = given.transcript ?? proof
    const evidenced = this.evidence.get(transcript) ?? []
    evidenced.push({ society: keyOf(society), source, proof, heldSince: since })
    this.evidence.set(transcript, evidenced)
  }

  /** A violation of a society. */
  violation(society: string): void {
    this.violations.set(keyOf(society), [this.id()])
  }

  jobsAsWorker(society: SocietyKey): Iterable<JobDay> {
    return this.events.jobsAsWorker(society)
  }

  jobsAsBeneficiary(society: SocietyKey): Iterable<JobDay> {
    return this.events.jobsAsBeneficiary(society)
  }

  tradesOf(society: SocietyKey): readonly Trade[] {
    return this.events.tradesOf(society)
  }

  tradesOfBatch(batch: RecordId): readonly Trade[] {
    return this.events.tradesOfBatch(batch)
  }

  partnersOf(society: SocietyKey): ReadonlySet<SocietyKey> {
    return this.events.partnersOf(society)
  }

  activeCount(): number {
    return this.events.activeCount()
  }

  identityOf(society: SocietyKey): Identity | undefined {
    return this.identities.get(society)
  }

  vouchesBy(sponsor: SocietyKey): readonly VouchEdge[] {
    return this.vouches.filter((vouch) => vouch.sponsor === sponsor)
  }

  vouchesFor(newcomer: SocietyKey): readonly VouchEdge[] {
    return this.vouches.filter((vouch) => vouch.newcomer === newcomer)
  }

  sourcesOf(society: SocietyKey): readonly string[] {
    const claimed = [...this.claims].filter(([, claims]) =>
      claims.some((claim) => claim.society === society),
    )
    return claimed.map(([source]) => source)
  }

  claimsOf(source: string): readonly Claim[] {
    return this.claims.get(source) ?? []
  }

  sameEvidence(society: SocietyKey, source: string): readonly Evidenced[] {
    const shared = [...this.evidence.values()].find((evidenced) =>
      evidenced.some((each) => each.society === society && each.source === source),
    )
    return shared ?? []
  }

  violationsOf(society: SocietyKey): readonly RecordId[] {
    return this.violations.get(society) ?? []
  }
}
