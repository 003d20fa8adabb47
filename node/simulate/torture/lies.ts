import {
  didOf,
  recordId,
  recordKinds,
  type Fields,
  type PoolState,
  type RecordId,
  type SocietyKey,
} from '../../../protocol/index.ts'
import { Failure, type Replica } from '../../../src/index.ts'
import type { SeededRandom } from '../random.ts'
import { actions, pick, type Attempt, type Situation } from './actions.ts'
import type { Corpus } from './corpus.ts'
import { Flood, type FloodParts } from './flood.ts'
import { Liar, type Audience, type Forged, type Plot, type Wanted } from './liar.ts'
import { Replays } from './replays.ts'
import { rogueFields } from './rogue.ts'
import type { TortureWorld, Victim } from './torture-world.ts'

/** What lies need of the run that they are told in. */
export type LiesParts = FloodParts & {
  /** How many of the first societies lie. */
  readonly liars: number
  readonly corpus: Corpus
  /** Ids of records of a kind by anybody, the newest few. */
  readonly recent: (kind: string) => readonly RecordId[]
  readonly situation: (victim: Victim, replica: Replica, random: SeededRandom) => Situation
  /** Lets a node try to write something. */
  readonly attempt: (victim: Victim, attempt: Attempt) => void
  readonly healed: () => boolean
}

const minuteMs = 60_000

/** Everything that lying societies do, alone and together. */
export class Lies {
  readonly replays: Replays
  readonly #parts: LiesParts
  readonly #world: TortureWorld
  readonly #flood: Flood
  readonly #liars: Map<string, Liar> = new Map()

  constructor(parts: LiesParts) {
    this.#parts = parts
    this.#world = parts.world
    this.replays = new Replays(parts)
    this.#flood = new Flood(parts)
  }

  /** Tells a lie of some sort. */
  happen(victim: Victim, random: SeededRandom): void {
    const { liars } = this.#parts
    // The last of several liars keeps to one past and fills it with what is not its due.
    const isRogue = liars > 1 && victim === this.#world.victims[liars - 1]
    const chance = random.next()
    if (victim.replica === null) return
    if (chance < 1 / 8) this.replays.replay(victim, random)
    else if (chance < 1 / 4) void this.#guarded(this.#flood.pour(victim, random))
    else if (isRogue) void this.#lie(victim, random, { way: 'rogue' })
    else if (chance < 3 / 5) void this.#lie(victim, random)
    else if (chance < 4 / 5 || liars < 2) this.#plot(victim, random)
    else void this.#collude(victim, random)
  }

  async #guarded<T>(lie: Promise<T>): Promise<T | undefined> {
    try {
      return await lie
    } catch (error) {
      if (!(error instanceof Failure)) {
        this.#parts.fail(`a lie failed: ${(error as Error).stack}`)
      }
      return undefined
    }
  }

  #liarOf(victim: Victim): Liar {
    const { world, hand, told } = this.#parts
    const liar = this.#liars.get(victim.name) ?? new Liar({ world, victim, hand, told })
    this.#liars.set(victim.name, liar)
    return liar
  }

  /** The society signs a second past behind its node's back. */
  async #lie(victim: Victim, random: SeededRandom, plot?: Plot): Promise<Forged | undefined> {
    const { replica } = victim
    if (replica === null || this.#parts.healed()) return undefined
    this.#parts.lies(victim.key)
    const attempt = this.#handOver(victim, replica, random)
    const handedOver = await this.#handedTo(victim)
    const { recent, corpus } = this.#parts
    const societies = this.#world.victims.map(({ key }) => key)
    const wanted: Wanted = {
      ...(attempt && 'with' in attempt ? attempt : { kind: '', with: {} }),
      other: didOf(this.#another(victim, random).key),
      roll: random.next(),
      rogue: rogueFields({ random, corpus, recent, societies, handedOver }),
    }
    return this.#guarded(this.#liarOf(victim).lie(replica, wanted, random, plot))
  }

  #another(victim: Victim, random: SeededRandom): Victim {
    return (
      pick(
        random,
        this.#world.victims.filter((each) => each !== victim),
      ) ?? victim
    )
  }

  /** What was handed over to a society on any past that anybody knows. */
  async #handedTo({ key }: Victim): Promise<{ id: RecordId; kind: string }[]> {
    const found: { id: RecordId; kind: string }[] = []
    for (const kind of ['trade.settle', 'allocation.grant']) {
      for (const id of this.#parts.recent(kind)) {
        for (const { replica } of this.#world.victims) {
          const outcome = (await replica?.record(id))?.outcome
          if (outcome === undefined) continue
          const isMine =
            (outcome?.type === 'settlement' && outcome.buyer === key) ||
            (outcome?.type === 'grant' && outcome.to === key)
          if (isMine) found.push({ id, kind })
          break
        }
      }
    }
    return found
  }

  /** What a liar hands over twice: to a child, or to whoever waits for it anywhere. */
  #handOver(victim: Victim, replica: Replica, random: SeededRandom): Attempt | undefined {
    const acceptance = pick(
      random,
      this.#waitingFor(victim, () => true),
    )
    if (acceptance !== undefined && random.next() < 2 / 3) {
      return { kind: 'trade.settle', with: { acceptance } }
    }
    return actions['handOver']?.[1](this.#parts.situation(victim, replica, random))
  }

  /** Acceptances of a seller's offers by some societies, in their own nodes' eyes. */
  #waitingFor(seller: Victim, of: (buyer: Victim) => boolean): readonly RecordId[] {
    return this.#world.victims
      .filter(of)
      .flatMap(({ key, replica }) =>
        [...(poolOf(key, replica)?.acceptances.values() ?? [])]
          .filter((acceptance) => acceptance.seller === seller.key)
          .map(({ id }) => id),
      )
  }

  /**
   * A liar offers what it has, keeps two halves of the world apart for a while, and tells each half
   * its own past, in which that half's acceptances are settled with the same ATP.
   */
  #plot(victim: Victim, random: SeededRandom): void {
    const { clock, wires, victims } = this.#world
    this.#parts.told('plot')
    const sides = new Map(victims.map(({ name }) => [name, random.next() < 1 / 2 ? 1 : 2]))
    sides.set(victim.name, 1)
    const audience = (name: string): boolean => sides.get(name) === 2
    const amount = this.#offer(victim)
    clock.after(3_000, () => wires.divide(sides))
    clock.after(4_000, () => {
      for (const buyer of victims) {
        if (buyer === victim) continue
        this.#accept(victim, buyer, amount, random)
        if (random.next() < 1 / 2) this.#accept(victim, buyer, amount, random)
      }
    })
    const seq = poolOf(victim.key, victim.replica)?.chain.seq
    for (let i = 0; i < 6; i++) {
      const roll = random.fork(`extension ${i}`)
      const from = i === 0 && seq !== undefined ? { from: seq + 1 } : {}
      clock.after(6_000 + i * (10_000 + random.next() * 30_000), () => {
        void this.#lie(victim, roll, { way: 'extend', audience, ...from })
      })
    }
    clock.after(500 + Math.floor(random.next() * 5 * minuteMs), () => {
      if (!this.#parts.healed()) wires.divide(new Map())
    })
  }

  /** Puts all that a society has on offer; how much, in ATP. */
  #offer(victim: Victim): number {
    const amount = (poolOf(victim.key, victim.replica)?.available ?? 0) / 1_000
    if (amount > 0) this.#parts.attempt(victim, offering(amount))
    return amount
  }

  #accept(seller: Victim, buyer: Victim, offered: number, random: SeededRandom): void {
    for (const offer of poolOf(seller.key, buyer.replica)?.offers.keys() ?? []) {
      const wanted = offered * (1 / 4 + random.next() / 2)
      const amount = Math.max(1, Math.floor(wanted * 500)) / 1_000
      this.#parts.attempt(buyer, { kind: 'trade.accept', with: { offer, amount } })
    }
  }

  /**
   * Two liars together: one settles on a past that it shows to the other alone, who claims it
   * before everybody; most have never seen what the claim names.
   */
  async #collude(victim: Victim, random: SeededRandom): Promise<void> {
    const { clock, victims } = this.#world
    const others = victims.slice(0, this.#parts.liars).filter((each) => each !== victim)
    const accomplice = pick(random, others)
    if (accomplice === undefined) return
    this.#parts.told('collude')
    const amount = this.#offer(victim)
    clock.after(3_000, () => this.#accept(victim, accomplice, amount, random))
    clock.after(3_001 + Math.floor(random.next() * 3_000), () => {
      void this.#settleInSecret(victim, accomplice, random)
    })
  }

  async #settleInSecret(victim: Victim, by: Victim, random: SeededRandom): Promise<void> {
    const acceptance = pick(
      random,
      this.#waitingFor(victim, (buyer) => buyer === by),
    )
    const settle = acceptance && recordKinds.get('trade.settle')?.write({ acceptance })
    const isShownLate = random.next() < 1 / 2
    const audience: Audience = (name) => name === by.name
    const plot: Plot = { way: 'extend', audience, ...(settle ? { fields: settle } : {}) }
    const forged = await this.#lie(victim, random, plot)
    if (forged === undefined) return
    this.#world.clock.after(35_000, () => {
      const claim = claimOf(forged.fields, recordId(forged.hash, 0))
      if (claim !== undefined) void this.#lie(by, random, { way: 'rogue', fields: claim })
    })
    if (!isShownLate) return
    this.#world.clock.after(Math.floor(60_000 + random.next() * 120_000), () => {
      this.#liarOf(victim).showAgain(forged, random)
    })
  }
}

const offering = (amount: number): Attempt => ({
  kind: 'trade.offer',
  with: { amount, price: 0.5 },
})

/** What claims a record that hands something over. */
function claimOf(fields: Fields, id: RecordId): Fields | undefined {
  const kind = fields.get('kind')
  if (kind === 'trade.settle') return recordKinds.get('trade.claim')?.write({ settlement: id })
  if (kind !== 'allocation.grant') return undefined
  return recordKinds.get('allocation.take')?.write({ grant: id })
}

/** A society's pool in a node's eyes. */
function poolOf(society: SocietyKey, replica: Replica | null): PoolState | undefined {
  return [...(replica?.states().pools ?? [])].find((pool) => pool.society === society)
}
