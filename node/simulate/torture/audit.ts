import {
  actorOf,
  keyOfActor,
  lotTotal,
  peekChange,
  type Actor,
  type PoolState,
  type RecordId,
  type SocietyKey,
} from '../../../protocol/index.ts'
import type { Replica } from '../../../src/index.ts'
import type { Corpus } from './corpus.ts'
import type { Victim } from './torture-world.ts'

/** What a settlement or a claim does to its author's supply, in milli-units. */
type Traded = { readonly actor: Actor; readonly seq: number; readonly supply: number }

/** What audits go by. */
export type AuditParts = {
  readonly corpus: Corpus
  /** Societies whose own word counts for nothing. */
  readonly liars: ReadonlySet<SocietyKey>
  readonly fail: (what: string) => void
  /** Whether what strangers made up may be in books: then these cannot add up. */
  readonly isTrusting: boolean
}

/**
 * What must hold of the books of all societies together, in every node's eyes: packets are
 * conserved (P4), and all ATP comes from a valid proof, none of it counted twice (P5).
 */
export class Audit {
  readonly #parts: AuditParts
  readonly #proven: Set<string> = new Set()
  readonly #traded: Map<RecordId, Traded> = new Map()
  /** Settlements and claims that were seen and not looked at yet. */
  readonly #trades: Set<RecordId> = new Set()

  constructor(parts: AuditParts) {
    this.#parts = parts
  }

  /** Takes notice of a valid settlement or claim. */
  noteTrade(id: RecordId): void {
    this.#trades.add(id)
  }

  /** Audits the books as every node has them. */
  async audit(victims: readonly Victim[]): Promise<void> {
    await this.#lookAtTrades(victims)
    for (const victim of victims) {
      // What is being written is folded already, and nobody was told of it.
      if (victim.replica?.settled !== true) continue
      this.#auditStanding(victim, victim.replica, victims)
      if (this.#parts.isTrusting) continue
      await this.#auditSupply(victim, victim.replica, victims)
      await this.#auditProofs(victim, victim.replica, victims)
      this.#auditLoans(victim, victim.replica, victims)
      if (this.#parts.liars.size === 0) this.#auditBatches(victim, victim.replica, victims)
    }
  }

  /** Whoever signed one past alone is never held for a liar. */
  #auditStanding({ name }: Victim, replica: Replica, victims: readonly Victim[]): void {
    const { liars, fail } = this.#parts
    for (const { key, name: other } of victims) {
      if (liars.has(key) || replica.society(key).standing === 'good') continue
      fail(`P2: ${name} holds ${other} for a liar`)
    }
  }

  async #lookAtTrades(victims: readonly Victim[]): Promise<void> {
    for (const id of this.#trades) {
      // Who had it first may have lost it: what was not synced can be fetched again.
      for (const { replica } of victims) {
        const record = await replica?.record(id)
        if (record === undefined) continue
        this.#trades.delete(id)
        const { outcome, author, seq } = record
        const settlement =
          outcome?.type === 'claim' ? (await replica?.record(outcome.settlement))?.outcome : outcome
        if (settlement?.type !== 'settlement') break
        const gain = settlement.amount - settlement.due
        const supply = outcome?.type === 'claim' ? gain : -gain
        this.#traded.set(id, { actor: actorOf('pool', author), seq, supply })
        break
      }
    }
  }

  /** Founding and trade alone change the sum of all supplies, and nobody's claim is unbacked. */
  async #auditSupply(victim: Victim, replica: Replica, victims: readonly Victim[]): Promise<void> {
    const { liars, fail } = this.#parts
    const ends = new Map<Actor, number>()
    let supply = 0
    let due = 0
    for (const pool of poolsOf(replica, victims)) {
      ends.set(pool.chain.actor, pool.chain.seq)
      supply += pool.supply
      const founded = victims.find(({ key }) => key === pool.society)?.founding.adp ?? 0
      if (pool.founding !== null) due += Number(founded) * 1_000
    }
    const held = await this.#changesOfLiars(replica)
    for (const [id, traded] of this.#traded) {
      if (traded.seq > (ends.get(traded.actor) ?? 0)) continue
      const isLiar = liars.has(keyOfActor(traded.actor))
      if (!isLiar || held.has(id.slice(0, 64))) due += traded.supply
    }
    if (supply !== due) fail(`P4: ${victim.name} sees supplies of ${supply}, not ${due}`)
  }

  /** Hashes of the changes of liars' pools that a node holds: of several with one number. */
  async #changesOfLiars(replica: Replica): Promise<ReadonlySet<string>> {
    const hashes = new Set<string>()
    for (const liar of this.#parts.liars) {
      for (const bytes of await replica.changes('pool', liar)) {
        const peeked = peekChange(bytes)
        if (peeked.ok) hashes.add(peeked.value.hash)
      }
    }
    return hashes
  }

  async #auditProofs(victim: Victim, replica: Replica, victims: readonly Victim[]): Promise<void> {
    for (const pool of poolsOf(replica, victims)) {
      for (const lot of pool.lots.values()) {
        const key = `${lot.batch} ${lot.proof} ${lot.source}`
        if (this.#proven.has(key)) continue
        const charged = await replica.record(lot.batch)
        const proof = await replica.record(lot.proof)
        const { outcome } = proof ?? {}
        const fits =
          charged?.kind === 'atp.charge' &&
          charged.void === null &&
          charged.author === lot.charger &&
          proof?.author === lot.charger &&
          outcome?.type === 'proof' &&
          outcome.source === lot.source &&
          outcome.assurance >= 1 &&
          charged.time < outcome.staleAt &&
          lot.chargedAt === charged.time
        if (!fits) this.#parts.fail(`P5: ${victim.name} holds ${lot.key} without a valid proof`)
        this.#proven.add(key)
      }
    }
  }

  /** Nobody holds or owes more of a loan than its lender has out. */
  #auditLoans(victim: Victim, replica: Replica, victims: readonly Victim[]): void {
    const pools = poolsOf(replica, victims)
    const lent = new Map<string, number>()
    for (const { grants } of pools) {
      for (const { id, amounts } of grants.values()) {
        amounts.forEach((amount, index) => lent.set(`${id} ${index}`, amount))
      }
    }
    for (const pool of pools) {
      // What a liar gave back past the end of its document is nobody's business any more.
      if (this.#parts.liars.has(pool.society)) continue
      for (const [slice, amount] of borrowedOf(pool)) {
        const out = lent.get(slice)
        // Of a loan that is over nothing is measured any more.
        if (out === undefined || amount <= out) continue
        this.#parts.fail(`P4: ${victim.name} sees ${amount} borrowed of ${out} lent in ${slice}`)
      }
    }
  }

  /** All that societies hold of a charge is no more than was charged. */
  #auditBatches(victim: Victim, replica: Replica, victims: readonly Victim[]): void {
    const { corpus, fail } = this.#parts
    const held = new Map<RecordId, number>()
    for (const { lots } of poolsOf(replica, victims)) {
      for (const lot of lots.values()) {
        if (lot.via === null) held.set(lot.batch, (held.get(lot.batch) ?? 0) + lotTotal(lot))
      }
    }
    for (const [batch, amount] of held) {
      const charged = corpus.charged.get(batch)
      if (charged === undefined || amount <= charged) continue
      fail(`P5: ${victim.name} sees ${amount} of the ${charged} charged as ${batch}`)
    }
  }
}

/** Pools of those that are tortured: what strangers say of theirs is nobody's business. */
function poolsOf(replica: Replica, victims: readonly Victim[]): readonly PoolState[] {
  const keys = new Set(victims.map(({ key }) => key))
  return [...replica.states().pools].filter(({ society }) => keys.has(society))
}

/** What a society holds or owes of loans, by grant and index of the slice. */
function borrowedOf(pool: PoolState): ReadonlyMap<string, number> {
  const borrowed = new Map<string, number>()
  const add = (grant: string, index: number, amount: number): void => {
    const slice = `${grant} ${index}`
    borrowed.set(slice, (borrowed.get(slice) ?? 0) + amount)
  }
  for (const lot of pool.lots.values()) {
    if (lot.via !== null) add(lot.via.grant, lot.via.index, lotTotal(lot))
  }
  for (const [grant, causes] of pool.owed) {
    for (const amounts of causes.values()) {
      for (const [index, amount] of amounts) add(grant, index, amount)
    }
  }
  return borrowed
}
