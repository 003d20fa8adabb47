import {
  datedAheadMsMax,
  didOf,
  emptyPool,
  emptyTrust,
  parseMilli,
} from '../../../protocol/index.ts'
import type { PoolState, RecordId, SocietyKey, TrustState } from '../../../protocol/index.ts'
import {
  Failure,
  markRestored,
  type Replica,
  type StoreWrite,
  type Verifier,
} from '../../../src/index.ts'
import { SeededRandom } from '../random.ts'
import { actions, pick, type Attempt, type Situation } from './actions.ts'
import { unrepeatableAnswer } from './answers.ts'
import { Checks } from './checks.ts'
import { Liar, type Plot } from './liar.ts'
import type { Plan, Step } from './plan.ts'
import { rogueFields } from './rogue.ts'
import { TortureWorld, worldStartMs, type Victim } from './torture-world.ts'

/** What became of a run. */
export type Outcome = {
  readonly seed: number
  /** What went wrong first; null where nothing did. */
  readonly failure: string | null
  /** Simulated milliseconds after the start at which it did. */
  readonly failedAt: number | null
  /** Hash over everything that happened: equal for equal plans. */
  readonly trace: string
  readonly events: number
  readonly simulatedMs: number
  readonly records: number
  /** Societies that were found to have signed two pasts. */
  readonly liars: number
  readonly refusals: Readonly<Record<string, number>>
  /** Milliseconds from the healing until all agreed. */
  readonly agreedAfterMs: number | null
}

/** Longest time from the healing of everything until all agree, in ms. */
const agreementMsMax = 120_000
const auditEveryMs = 60_000
const minuteMs = 60_000

/** A run in progress. */
class Run {
  readonly #plan: Plan
  readonly #verifier: Verifier
  readonly #checks: Checks
  readonly #world: TortureWorld
  readonly #liars: Map<string, Liar> = new Map()
  readonly #refusals: Map<string, number> = new Map()
  #failure: string | null = null
  #failedAt: number | null = null
  #healed = false
  #auditAt = 0
  #pending = 0
  #records = 0

  constructor(plan: Plan, verifier: Verifier) {
    this.#plan = plan
    this.#verifier = verifier
    this.#checks = new Checks((what) => this.fail(what))
    this.#world = new TortureWorld(plan.seed, verifier, {
      watch: (from, what, bytes, protocol) => {
        this.#world.trace(`${from} ${what} ${bytes.length}`)
        this.#checks.sent(what, bytes, protocol)
      },
      raised: (victim, replica) => {
        this.#checks.raised(victim, replica)
        void this.#checks.nothingLost(victim, replica)
      },
      fail: (what) => this.fail(what),
    })
  }

  /** Something is wrong: the first such thing is what the run failed of. */
  fail(what: string): void {
    this.#failure ??= what
    this.#failedAt ??= this.#world.clock.now() - worldStartMs
  }

  /** Plays the plan, heals everything and waits for agreement. */
  async play(): Promise<Outcome> {
    const { clock, victims } = this.#world
    this.#found()
    const endMs = worldStartMs + this.#plan.hours * 3_600_000
    for (const step of this.#plan.steps) {
      clock.after(step.at, () => this.#do(step))
    }
    await this.#until(endMs)
    const healedAt = clock.now()
    if (this.#failure === null) this.#heal()
    let latestMs = healedAt + agreementMsMax
    let agreedAt: number | null = null
    while (this.#failure === null && clock.now() < latestMs) {
      await this.#until(clock.now() + 1_000)
      latestMs = Math.max(latestMs, this.#believableMs() + agreementMsMax)
      const agree = this.#checks.disagreement(victims).length === 0
      if (!agree) agreedAt = null
      else agreedAt ??= clock.now()
      // Agreement has to last, for nodes go on to act by themselves.
      if (agreedAt !== null && clock.now() > agreedAt + 5_000 && this.#pending === 0) break
    }
    if (this.#failure === null) await this.#end(agreedAt)
    return {
      seed: this.#plan.seed,
      failure: this.#failure,
      failedAt: this.#failedAt,
      trace: this.#world.traceHash(),
      events: this.#world.events,
      simulatedMs: clock.now() - worldStartMs,
      records: this.#records,
      liars: this.#checks.found(victims),
      refusals: Object.fromEntries([...this.#refusals].sort(([a], [b]) => (a < b ? -1 : 1))),
      agreedAfterMs: agreedAt === null ? null : agreedAt - healedAt,
    }
  }

  /** When all changes there are can be taken: those dated ahead wait until their time has come. */
  #believableMs(): number {
    let latest = 0
    for (const { replica } of this.#world.victims) {
      const { trusts, pools } = replica?.states() ?? { trusts: [], pools: [] }
      for (const { chain } of [...trusts, ...pools]) latest = Math.max(latest, chain.time)
    }
    return latest - datedAheadMsMax
  }

  async #end(agreedAt: number | null): Promise<void> {
    const { victims } = this.#world
    if (agreedAt === null) {
      const odd = this.#checks.disagreement(victims)
      this.fail(`P7: ${odd.join(', ')} differ from ${victims[0]?.name} after healing`)
    }
    this.#checks.statements()
    for (const victim of victims) {
      victim.isRestored = false
      if (victim.replica !== null) await this.#checks.nothingLost(victim, victim.replica)
    }
    await this.#checks.audit(victims)
    const wrong = await this.#world.settled(unrepeatableAnswer(victims, this.#verifier))
    if (wrong !== null) this.fail(`P11: ${wrong}`)
  }

  #found(): void {
    const random = new SeededRandom(this.#plan.seed).fork('founding')
    for (let i = 0; i < this.#plan.societies; i++) {
      const name = `s${i}`
      const adp = Math.floor(random.next() * 2_000_000) / 1_000
      const policy = {
        admission: 'open',
        minimumOccupancy: random.next() < 1 / 2 ? 0 : Math.floor(random.next() * 60),
        // Nobody earns a bond of 90 days within an hour.
        vouchInteractions: 0,
        vouchBondDays: 0,
        vouchTrust: 0,
      }
      const founding = { name, federation: 'test-torture', adp, policy, witnesses: [] }
      const milli = parseMilli(adp, 'adp', true)
      if (typeof milli !== 'number') throw new TypeError('no founding ADP')
      const victim = this.#world.add(name, founding, random.next() < 1 / 8)
      this.#world.setClock(victim, Math.floor((random.next() - 0.5) * 2_000))
      this.#world.clock.after(Math.floor(random.next() * 5_000), () => this.#start(victim))
    }
  }

  #start(victim: Victim): void {
    void this.#world.start(victim)
  }

  async #until(ms: number): Promise<void> {
    const world = this.#world
    while (this.#failure === null && (await world.step(ms))) {
      await this.#checks.afterEvent(world.victims)
      // Between two events nothing goes on: what is looked at does not change meanwhile.
      if (world.clock.now() < this.#auditAt) continue
      this.#auditAt = world.clock.now() + auditEveryMs
      await this.#checks.audit(world.victims)
    }
  }

  #do(step: Step): void {
    if (this.#healed || this.#failure !== null) return
    const victim = this.#world.victims[step.node % this.#world.victims.length]
    if (victim === undefined) return
    const random = new SeededRandom(step.roll)
    this.#world.trace(`${step.type} ${step.action ?? ''} ${victim.name}`)
    if (step.type === 'act') this.#act(victim, step.action ?? '', random)
    else this.#faults[step.type](victim, random)
  }

  #act(victim: Victim, name: string, random: SeededRandom): void {
    const { replica } = victim
    const action = actions[name]
    if (replica === null || action === undefined) return
    const attempt = action[1](this.#situation(victim, replica, random))
    if (attempt !== undefined) this.#try(victim, attempt)
  }

  /** Lets a node try to write something; what it answers must never be lost. */
  #try(victim: Victim, attempt: Attempt): void {
    const { replica } = victim
    if (replica === null) return
    const written =
      attempt.kind === 'measurement' && 'measurement' in attempt
        ? replica.prove(attempt.measurement)
        : replica.write(attempt.kind, 'with' in attempt ? attempt.with : {})
    const { run } = victim
    this.#pending += 1
    void this.#awaitAnswer(victim, run, attempt.kind, written)
  }

  async #awaitAnswer(
    victim: Victim,
    run: number,
    kind: string,
    written: Promise<RecordId>,
  ): Promise<void> {
    try {
      const id = await written
      this.#records += 1
      this.#world.trace(`${victim.name} wrote ${id}`)
      if (victim.run === run) victim.answered.add(id)
    } catch (error) {
      if (error instanceof Failure) {
        this.#refusals.set(error.code, (this.#refusals.get(error.code) ?? 0) + 1)
      } else {
        this.fail(`${victim.name} ${kind}: ${(error as Error).stack}`)
      }
    } finally {
      this.#pending -= 1
    }
  }

  /** The society signs a second past behind its node's back. */
  async #lie(victim: Victim, random: SeededRandom, plot?: Plot): Promise<void> {
    const { replica } = victim
    if (replica === null || this.#healed) return
    this.#checks.liars.add(victim.key)
    const liar = this.#liars.get(victim.name) ?? new Liar(this.#world, victim)
    this.#liars.set(victim.name, liar)
    const attempt = this.#handOver(victim, replica, random)
    const other = didOf(this.#another(victim, random).key)
    const wanted = attempt && 'with' in attempt ? attempt : { kind: '', with: {} }
    try {
      const recent = (kind: string): readonly RecordId[] => this.#checks.recent.get(kind) ?? []
      const rogue = rogueFields(random, recent, await this.#handedTo(victim))
      const all = { ...wanted, other, roll: random.next(), rogue }
      await liar.lie(replica, all, random, plot)
    } catch (error) {
      if (!(error instanceof Failure)) this.fail(`a lie failed: ${(error as Error).stack}`)
    }
  }

  /** What was handed over to a society on any past that anybody knows. */
  async #handedTo({ key }: Victim): Promise<{ id: RecordId; kind: string }[]> {
    const found: { id: RecordId; kind: string }[] = []
    for (const kind of ['trade.settle', 'allocation.grant']) {
      for (const id of this.#checks.recent.get(kind) ?? []) {
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
    const waiting = this.#world.victims.flatMap(({ key, replica: node }) =>
      [...(node?.states().pools ?? [])]
        .filter(({ society }) => society === key)
        .flatMap((pool) => [...pool.acceptances.values()])
        .filter(({ seller }) => seller === victim.key),
    )
    const acceptance = pick(random, waiting)?.id
    if (acceptance !== undefined && random.next() < 2 / 3) {
      return { kind: 'trade.settle', with: { acceptance } }
    }
    return actions['handOver']?.[1](this.#situation(victim, replica, random))
  }

  /**
   * A liar offers what it has, keeps two halves of the world apart for a while, and tells each half
   * its own past, in which that half's acceptances are settled with the same ATP.
   */
  #plot(victim: Victim, random: SeededRandom): void {
    const { clock, wires, victims } = this.#world
    const sides = new Map(victims.map(({ name }) => [name, random.next() < 1 / 2 ? 1 : 2]))
    sides.set(victim.name, 1)
    const audience = (name: string): boolean => sides.get(name) === 2
    const poolOf = (society: SocietyKey, replica: Replica | null): PoolState | undefined =>
      [...(replica?.states().pools ?? [])].find((pool) => pool.society === society)
    const amount = (poolOf(victim.key, victim.replica)?.available ?? 0) / 1_000
    if (amount > 0) this.#try(victim, { kind: 'trade.offer', with: { amount, price: 0.5 } })
    clock.after(3_000, () => wires.divide(sides))
    clock.after(4_000, () => {
      for (const buyer of victims) {
        if (buyer === victim) continue
        for (const offer of poolOf(victim.key, buyer.replica)?.offers.keys() ?? []) {
          const wanted = amount * (1 / 4 + random.next() / 2)
          const some = { offer, amount: Math.max(1, Math.floor(wanted * 500)) / 1_000 }
          this.#try(buyer, { kind: 'trade.accept', with: some })
          if (random.next() < 1 / 2) this.#try(buyer, { kind: 'trade.accept', with: some })
        }
      }
    })
    const seq = poolOf(victim.key, victim.replica)?.chain.seq
    for (let i = 0; i < 6; i++) {
      const roll = new SeededRandom(Math.floor(random.next() * 0xffff_ffff))
      const from = i === 0 && seq !== undefined ? { from: seq + 1 } : {}
      clock.after(6_000 + i * (10_000 + random.next() * 30_000), () => {
        void this.#lie(victim, roll, { way: 'extend', audience, ...from })
      })
    }
    this.#later(random, 5 * minuteMs, () => wires.divide(new Map()))
  }

  #situation(victim: Victim, replica: Replica, random: SeededRandom): Situation {
    const pools = new Map<SocietyKey, PoolState>()
    const trusts = new Map<SocietyKey, TrustState>()
    const { key } = victim
    for (const pool of replica.states().pools) pools.set(pool.society, pool)
    for (const trust of replica.states().trusts) trusts.set(trust.society, trust)
    const own = pools.get(key)
    const trust = trusts.get(key)
    return {
      random,
      now: this.#world.clock.now(),
      self: key,
      own: own ?? emptyPool(key),
      trust: trust ?? emptyTrust(key),
      trustOf: (society) => trusts.get(society) ?? emptyTrust(society),
      societies: this.#world.victims.map((each) => each.key),
      pool: (society) => pools.get(society) ?? emptyPool(society),
      recent: (kind): readonly RecordId[] => this.#checks.recent.get(kind) ?? [],
    }
  }

  /** Undoes a fault after some time. */
  #later(random: SeededRandom, longestMs: number, undo: () => void): void {
    this.#world.clock.after(500 + Math.floor(random.next() * longestMs), () => {
      if (!this.#healed) undo()
    })
  }

  #another(victim: Victim, random: SeededRandom): Victim {
    const others = this.#world.victims.filter((each) => each !== victim)
    return pick(random, others) ?? victim
  }

  readonly #faults: Readonly<
    Record<Exclude<Step['type'], 'act'>, (victim: Victim, random: SeededRandom) => void>
  > = {
    crash: (victim, random) => {
      const unsynced = victim.disk.unsynced()
      const isFragile = this.#world.victims.some(
        (other) => other.replica?.restoration.pending === true,
      )
      const power = random.next() < 3 / 4 && !isFragile
      this.#world.crash(victim, power ? Math.floor(random.next() * (unsynced + 1)) : null)
      this.#later(random, 3 * minuteMs, () => this.#start(victim))
    },
    stop: (victim, random) => {
      void this.#world.stop(victim)
      this.#later(random, 5 * minuteMs, () => this.#start(victim))
    },
    divide: (_victim, random) => {
      const groups = 2 + Math.floor(random.next() * 2)
      this.#world.wires.divide(
        new Map(this.#world.victims.map(({ name }) => [name, Math.floor(random.next() * groups)])),
      )
      this.#later(random, 10 * minuteMs, () => this.#world.wires.divide(new Map()))
    },
    'one-way': (victim, random) => {
      const { wires } = this.#world
      const { name } = this.#another(victim, random)
      wires.block(victim.name, name, true)
      this.#later(random, 5 * minuteMs, () => wires.block(victim.name, name, false))
    },
    flap: (victim, random) => {
      const { wires } = this.#world
      for (let i = 1; i <= 6; i++) {
        this.#world.clock.after(i * (1_000 + Math.floor(random.next() * 20_000)), () => {
          if (!this.#healed) wires.divide(i % 2 === 1 ? new Map([[victim.name, 1]]) : new Map())
        })
      }
    },
    spoil: (victim, random) => {
      const { wires } = this.#world
      const { name } = this.#another(victim, random)
      const delayMs = random.next() < 1 / 3 ? 60_000 : 2_000
      const faults = { loss: random.next() * 0.6, duplicates: random.next() / 2, delayMs }
      wires.spoil(victim.name, name, faults)
      if (random.next() < 1 / 2) wires.spoil(name, victim.name, faults)
    },
    clock: (victim, random) => {
      const longestMs = random.next() < 1 / 6 ? 600_000 : 50_000
      this.#world.setClock(victim, Math.floor((random.next() - 0.5) * 2 * longestMs))
    },
    'full-disk': (victim, random) => {
      victim.disk.full = true
      this.#later(random, minuteMs, () => this.#makeSpace(victim))
    },
    restore: (victim, random) => void this.#backUp(victim, random),
    lie: (victim, random) => {
      // The last of several liars keeps to one past and fills it with what is not its due.
      const isRogue = this.#plan.liars > 1 && victim === this.#world.victims[this.#plan.liars - 1]
      if (isRogue) void this.#lie(victim, random, { way: 'rogue' })
      else if (random.next() < 1 / 2) void this.#lie(victim, random)
      else this.#plot(victim, random)
    },
    mend: () => {
      this.#world.wires.heal()
      for (const victim of this.#world.victims) this.#start(victim)
    },
  }

  /** Keeps a copy of a node's disk, to put it back later. */
  async #backUp(victim: Victim, random: SeededRandom): Promise<void> {
    if (victim.replica === null) return
    const saved = await victim.disk.copy()
    this.#later(random, 20 * minuteMs, () => void this.#restore(victim, saved))
  }

  /**
   * Puts an older copy of a node's disk in its place. What nobody else has of it by then is lost,
   * and with it the node's memory of having signed it: so it is done only where others have it all,
   * and they keep what they have until the node has caught up.
   */
  async #restore(victim: Victim, saved: readonly StoreWrite[]): Promise<void> {
    const { victims } = this.#world
    const { replica } = victim
    if (replica === null) return
    const isHeld = victims.some((other) => {
      const theirs = other === victim ? null : other.replica
      return theirs !== null && this.#checks.holdsAllOf(victim, replica, theirs)
    })
    if (!isHeld || victims.some((other) => other.replica?.restoration.pending === true)) return
    this.#world.trace(`${victim.name} restored`)
    this.#world.crash(victim, null)
    await victim.disk.restore(saved)
    await markRestored(victim.disk.look())
    victim.isRestored = true
    // A clock that is behind could date before a head that is forgotten.
    if (victim.offsetMs < 0) this.#world.setClock(victim, 0)
    this.#start(victim)
  }

  /** The operator of a full disk makes space and starts the node anew. */
  #makeSpace(victim: Victim): void {
    this.#world.crash(victim, null)
    victim.disk.full = false
    this.#start(victim)
  }

  /** Everything works from now on, and nobody tries anything any more. */
  #heal(): void {
    this.#healed = true
    for (const victim of this.#world.victims) {
      this.#world.setClock(victim, 0)
      if (victim.disk.full) this.#makeSpace(victim)
      else this.#start(victim)
    }
    this.#world.wires.heal()
  }
}

/** Plays a plan to its end or to the first thing that is wrong. */
export async function runPlan(plan: Plan, verifier: Verifier): Promise<Outcome> {
  const run = new Run(plan, verifier)
  // What nobody waits for and yet fails would end a real node.
  const unhandled = (error: unknown): void => {
    run.fail(`a promise failed and nobody noticed: ${(error as Error).stack ?? String(error)}`)
  }
  process.on('unhandledRejection', unhandled)
  try {
    return await run.play()
  } finally {
    process.off('unhandledRejection', unhandled)
  }
}
