import { ok, strictEqual } from 'node:assert/strict'
import { compareLots, leftAt, lotTotal, recordIdOfBytes, recount } from '../../protocol/index.ts'
import type { Fields, Judged, Lot, PoolState } from '../../protocol/index.ts'
import type { OutcomeOf, RecordId, SocietyKey } from '../../protocol/index.ts'
import type { Valid } from './ledger-replica.ts'
import type { LedgerWorld, Written } from './ledger-world.ts'

const day = 86_400_000

/** What the audit knows of a charge, from records alone. */
type Batch = {
  readonly id: RecordId
  readonly charger: SocietyKey
  /** The charged source and what powers it. */
  readonly sources: readonly string[]
  readonly amount: number
  readonly chargedAt: number
  readonly minimumUntil: number
  readonly expiresAt: number
  /** Discharged anywhere; what of that is home in the pool of its owner; what its charger's is. */
  consumed: number
  home: number
  homeOfCharger: number
}

function add<K>(sums: Map<K, number>, key: K, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}

/** What is used or handed over has not expired; what is lent goes where it has not been. */
function checkSlices({ time, outcome }: Judged): void {
  if (outcome === null || !('slices' in outcome) || outcome.type === 'return') return
  for (const { expiresAt } of outcome.slices) ok(expiresAt >= time, 'expired ATP was used')
  if (outcome.type !== 'grant') return
  for (const { path, owner } of outcome.slices) {
    const visited: readonly SocietyKey[] = [...path, outcome.to]
    strictEqual(new Set(visited).size, visited.length, 'a grant visits a society twice')
    strictEqual(path[0], owner)
  }
}

/** What lots hold for tickets, offers and buyers is what these hold; and all of it is in time. */
function checkHeld(pool: PoolState): void {
  const held = new Map<string, number>()
  for (const { deadline, shares } of pool.tickets.values()) {
    ok(deadline >= pool.time, 'a ticket outlives its deadline')
    for (const { lot, amount } of shares) add(held, `reserved ${lot}`, amount)
  }
  for (const { expiresAt, shares } of pool.offers.values()) {
    ok(expiresAt >= pool.time, 'an offer outlives its end')
    for (const { lot, amount } of shares) add(held, `escrowed ${lot}`, amount)
  }
  let last: Lot | undefined
  for (const lot of pool.lots.values()) {
    ok(lot.expiresAt >= pool.time, 'a lot outlives its expiry')
    ok(last === undefined || compareLots(last, lot) < 0, 'lots are not in spend order')
    strictEqual(lot.reserved, held.get(`reserved ${lot.key}`) ?? 0, 'reserved for no ticket')
    strictEqual(lot.escrowed, held.get(`escrowed ${lot.key}`) ?? 0, 'in escrow for no offer')
    last = lot
  }
  const due = [...pool.acceptances.values()].reduce((sum, acceptance) => sum + acceptance.due, 0)
  strictEqual(pool.adpEscrowed, due, 'ADP in escrow for no acceptance')
}

/**
 * A second book of the same world, kept in another way: by batch and from the records, where the
 * ledger keeps lots and totals. `check` compares the two and throws where they differ.
 */
export class Audit {
  readonly #world: LedgerWorld
  readonly #batches: Map<RecordId, Batch> = new Map()
  readonly #proven: Map<string, number> = new Map()
  #seen = 0

  constructor(world: LedgerWorld) {
    this.#world = world
    this.check()
  }

  /** Compares the books after the newest changes. */
  check(): void {
    const { replica, societies, now, written } = this.#world
    for (; this.#seen < written.length; this.#seen++) this.#note(written[this.#seen] as Written)
    const pools = new Map(societies.map((society) => [society, replica.poolAt(society, now)]))
    for (const society of societies) recount(replica.pool(society))
    for (const pool of pools.values()) {
      recount(pool)
      checkHeld(pool)
    }
    this.#checkSupply(pools)
    this.#checkLent(pools)
    this.#checkPlaces(pools)
    this.#checkCapacity(pools)
  }

  #note(written: Written): void {
    written.records.forEach((record, place) => {
      if (record.void !== null) return
      checkSlices(record)
      if (record.outcome?.type === 'proof') this.#noteProof(record as Valid<'proof'>)
      if (record.kind === 'atp.charge') this.#noteCharge(record, written.fields[place] as Fields)
      if (record.outcome?.type === 'completion') {
        this.#noteCompletion(record as Valid<'completion'>)
      }
      if (record.outcome?.type === 'take') this.#noteTake(record as Valid<'take'>)
    })
  }

  #noteProof({ author, outcome }: Valid<'proof'>): void {
    const key = `${author}/${outcome.source}`
    this.#proven.set(key, Math.max(this.#proven.get(key) ?? 0, outcome.capacity))
  }

  #noteCharge(record: Judged, fields: Fields): void {
    const named = [...fields].filter(([name]) => name === 'proof' || name.startsWith('supplies.'))
    const proofs = named.map(([, value]) => {
      const proof = this.#world.replica.records.get(recordIdOfBytes(value as Uint8Array))
      return (proof as Valid<'proof'>).outcome
    })
    const charged = this.#world.replica.records.get(
      recordIdOfBytes(fields.get('proof') as Uint8Array),
    )
    const { policy } = (charged as Valid<'proof'>).outcome
    const batch: Batch = {
      id: record.id,
      charger: record.author,
      sources: proofs.map(({ source }) => source),
      amount: Number(fields.get('amount')),
      chargedAt: record.time,
      minimumUntil: record.time + policy.minimumOccupancyMs,
      expiresAt: record.time + Number(fields.get('lifetime')),
      consumed: 0,
      home: 0,
      homeOfCharger: 0,
    }
    this.#batches.set(batch.id, batch)
    for (const { source, capacity, dailyEnergy, inherited } of proofs) {
      const { author, time } = record
      const before = leftAt(inherited, time)
      const occupied = before + this.#occupied(author, time, source)
      ok(occupied <= capacity, `${source} is charged beyond its watts`)
      const today = this.#chargedSince(author, time - day, source)
      ok(dailyEnergy === null || today <= dailyEnergy, `${source} is charged beyond its day`)
    }
  }

  #occupied(charger: SocietyKey, time: number, source: string): number {
    let sum = 0
    for (const batch of this.#batches.values()) {
      if (batch.charger !== charger || !batch.sources.includes(source)) continue
      if (time < batch.minimumUntil) sum += batch.amount
      else if (time <= batch.expiresAt) sum += batch.amount - batch.homeOfCharger
    }
    return sum
  }

  #chargedSince(charger: SocietyKey, time: number, source: string): number {
    let sum = 0
    for (const batch of this.#batches.values()) {
      if (batch.charger !== charger || !batch.sources.includes(source)) continue
      if (batch.chargedAt > time) sum += batch.amount
    }
    return sum
  }

  #noteCompletion({ id, author, outcome }: Valid<'completion'>): void {
    const own = new Map<RecordId, number>()
    for (const { batch, amount } of outcome.slices) {
      this.#batch(batch).consumed += amount
      add(own, batch, amount)
    }
    for (const [grant, causes] of this.#world.replica.pool(author).owed) {
      for (const [index, amount] of causes.get(id) ?? []) {
        add(own, this.#grant(grant).outcome.slices[index]!.batch, -amount)
      }
    }
    for (const [batch, amount] of own) this.#noteHome(author, batch, amount)
  }

  #noteTake({ author, time, outcome }: Valid<'take'>): void {
    const handover = this.#world.replica.records.get(outcome.handover)
    if (handover?.outcome?.type !== 'return') return
    for (const { batch, amount, discharged, via } of handover.outcome.slices) {
      const isAlive = time <= this.#batch(batch).expiresAt
      if (discharged && via === null && isAlive) this.#noteHome(author, batch, amount)
    }
  }

  #noteHome(owner: SocietyKey, id: RecordId, amount: number): void {
    const batch = this.#batch(id)
    batch.home += amount
    if (batch.charger === owner) batch.homeOfCharger += amount
  }

  #batch(id: RecordId): Batch {
    return this.#batches.get(id) as Batch
  }

  #grant(id: RecordId): Valid<'grant'> {
    return this.#world.replica.records.get(id) as Valid<'grant'>
  }

  /** Hand-overs of a type that their receiver has not claimed. */
  #open<T extends 'grant' | 'return' | 'settlement'>(type: T): readonly Valid<T>[] {
    const { replica } = this.#world
    return replica.valid(type).filter(({ id, outcome }) => {
      const handover: OutcomeOf<'grant' | 'return' | 'settlement'> = outcome
      const receiver = 'buyer' in handover ? handover.buyer : handover.to
      return !replica.ended(receiver, id)
    })
  }

  /** Supplies and what is settled and unclaimed are what was founded. */
  #checkSupply(pools: ReadonlyMap<SocietyKey, PoolState>): void {
    let supply = 0
    let founded = 0
    for (const [society, pool] of pools) {
      supply += pool.supply
      founded += this.#world.replica.trust(society).founding?.adp ?? 0
    }
    for (const { outcome } of this.#open('settlement')) supply += outcome.amount - outcome.due
    strictEqual(supply, founded, 'supplies and what is on its way are not what was founded')
  }

  /** What a lender has lent is what its child holds, owes and has on the way, by slice. */
  #checkLent(pools: ReadonlyMap<SocietyKey, PoolState>): void {
    const { replica, now } = this.#world
    const returns = this.#open('return')
    for (const pool of pools.values()) {
      const lentByLot = new Map<string, number>()
      for (const lent of pool.grants.values()) {
        const { outcome } = this.#grant(lent.id)
        const child = pools.get(lent.to) as PoolState
        outcome.slices.forEach((slice, index) => {
          const amount = lent.amounts[index] ?? 0
          const isAlive = slice.expiresAt >= now
          let held = 0
          if (!replica.ended(lent.to, lent.id)) held = isAlive ? slice.amount : 0
          for (const lot of child.lots.values()) {
            if (lot.via?.grant === lent.id && lot.via.index === index) held += lotTotal(lot)
          }
          for (const amounts of child.owed.get(lent.id)?.values() ?? []) {
            held += amounts.get(index) ?? 0
          }
          for (const { outcome: back } of returns) {
            if (back.grant !== lent.id) continue
            for (const part of back.slices) if (part.index === index) held += part.amount
          }
          if (isAlive) strictEqual(amount, held, 'lent is not what the child has of it')
          else ok(amount >= held, 'more than was lent comes back')
          if (isAlive) add(lentByLot, slice.lot, amount)
        })
      }
      for (const lot of pool.lots.values()) strictEqual(lot.lent, lentByLot.get(lot.key) ?? 0)
    }
  }

  /** Every packet of a live batch is in one place, and the packets of its owner likewise. */
  #checkPlaces(pools: ReadonlyMap<SocietyKey, PoolState>): void {
    const usable = new Map<RecordId, number>()
    const owned = new Map<RecordId, number>()
    for (const pool of pools.values()) {
      for (const lot of pool.lots.values()) {
        add(usable, lot.batch, lotTotal(lot) - lot.lent)
        if (lot.via === null) add(owned, lot.batch, lotTotal(lot))
      }
    }
    for (const { outcome } of this.#open('settlement')) {
      for (const { batch, amount } of outcome.slices) {
        add(usable, batch, amount)
        add(owned, batch, amount)
      }
    }
    for (const { outcome } of this.#open('grant')) {
      for (const { batch, amount } of outcome.slices) add(usable, batch, amount)
    }
    for (const { outcome } of this.#open('return')) {
      for (const { batch, amount, discharged } of outcome.slices) {
        if (!discharged) add(usable, batch, amount)
      }
    }
    for (const { id, amount, consumed, home, expiresAt } of this.#batches.values()) {
      if (expiresAt < this.#world.now) continue
      strictEqual(usable.get(id) ?? 0, amount - consumed, 'ATP is in two places or in none')
      strictEqual(owned.get(id) ?? 0, amount - home, 'packets are owned twice or by nobody')
    }
  }

  /** What sources are held is what was charged; live ATP never exceeds what they were proven to. */
  #checkCapacity(pools: ReadonlyMap<SocietyKey, PoolState>): void {
    const { now } = this.#world
    for (const [society, pool] of pools) {
      const own = [...this.#batches.values()].filter(({ charger }) => charger === society)
      for (const source of new Set(own.flatMap(({ sources }) => sources))) {
        const occupied = this.#occupied(society, now, source)
        strictEqual(pool.occupied.get(source) ?? 0, occupied, `${source} is held otherwise`)
        const live = own.filter((b) => b.expiresAt >= now && b.sources.includes(source))
        const charged = live.reduce((sum, { amount, consumed }) => sum + amount - consumed, 0)
        const proven = this.#proven.get(`${society}/${source}`) ?? 0
        ok(charged <= proven, `${source} has more live ATP than it was proven to give`)
        if (source.startsWith('human:')) {
          const today = this.#chargedSince(society, now - day, source)
          strictEqual(pool.chargedToday.get(source) ?? 0, today, `${source}: another day's sum`)
        }
      }
    }
  }
}
