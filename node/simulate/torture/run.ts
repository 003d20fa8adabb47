import {
  datedAheadMsMax,
  didOf,
  emptyPool,
  emptyTrust,
  keyOfBytes,
  parseMilli,
  type PoolState,
  type RecordId,
  type SocietyKey,
  type TrustState,
} from '../../../protocol/index.ts'
import { Failure, type Replica, type Verifier } from '../../../src/index.ts'
import { SeededRandom } from '../random.ts'
import { signerOf } from '../simulated-keys.ts'
import { actions, type Attempt, type Situation } from './actions.ts'
import { unrepeatableAnswer } from './answers.ts'
import { Checks } from './checks.ts'
import { Faults } from './faults.ts'
import { Lies } from './lies.ts'
import type { Plan, Step } from './plan.ts'
import { Tally, type Counts } from './tally.ts'
import { TortureWorld, type Victim } from './torture-world.ts'

/** What became of a run. */
export type Outcome = {
  readonly seed: number
  /** What went wrong first; null where nothing did. */
  readonly failure: string | null
  /** Simulated milliseconds after the start at which it did. */
  readonly failedAt: number | null
  /** Hash over every byte that was sent and everything that happened: equal for equal plans. */
  readonly trace: string
  readonly events: number
  readonly simulatedMs: number
  readonly records: number
  /** Societies that were found to have signed two pasts. */
  readonly liars: number
  readonly refusals: Counts
  /** Faults that happened. */
  readonly faults: Counts
  /** Lies that were told. */
  readonly lies: Counts
  /** Records by kind and by whether they were valid. */
  readonly kinds: Counts
  /** Milliseconds until all agreed, from when they could: healed, and nothing dated ahead. */
  readonly agreedAfterMs: number | null
}

/** Longest time from the healing of everything until all agree, in ms. */
const agreementMsMax = 120_000
const auditEveryMs = 60_000

/** A run in progress. */
class Run {
  readonly #plan: Plan
  readonly #verifier: Verifier
  readonly #checks: Checks
  readonly #world: TortureWorld
  readonly #faults: Faults
  readonly #lies: Lies
  readonly #refusals: Tally = new Tally()
  readonly #happened: Tally = new Tally()
  readonly #told: Tally = new Tally()
  #failure: string | null = null
  #failedAt: number | null = null
  #healed = false
  #auditAt = 0
  #pending = 0
  #records = 0

  constructor(plan: Plan, verifier: Verifier) {
    this.#plan = plan
    this.#verifier = verifier
    const fail = (what: string): void => this.fail(what)
    const healed = (): boolean => this.#healed
    this.#checks = new Checks(fail, verifier, () => this.#world.clock.now())
    this.#world = new TortureWorld(plan.seed, verifier, {
      watch: (from, what, bytes, protocol) => {
        this.#world.traceBytes(`${from} ${what} ${protocol}`, bytes)
        if (what === 'gossip') this.#lies.replays.hear(protocol, bytes)
        this.#checks.sent(what, bytes, protocol)
      },
      raised: (victim, replica) => {
        this.#checks.raised(victim, replica)
        void this.#checks.nothingLost(victim, replica)
      },
      fail,
    })
    const world = this.#world
    this.#faults = new Faults({
      world,
      healed,
      holdsAllOf: (victim, own, other) => this.#checks.holdsAllOf(victim, own, other),
      happened: (what) => this.#happened.count(what),
    })
    this.#lies = new Lies({
      world,
      liars: plan.liars,
      corpus: this.#checks.corpus,
      recent: (kind) => this.#checks.recent.get(kind) ?? [],
      situation: (victim, replica, random) => this.#situation(victim, replica, random),
      attempt: (victim, attempt) => this.#try(victim, attempt),
      healed,
      lies: (society) => void this.#checks.liars.add(society),
      told: (what) => this.#told.count(what),
      hand: (from, to, topic, message) => this.#hand(from, to, topic, message),
      fail,
    })
  }

  /** Something is wrong: the first such thing is what the run failed of. */
  fail(what: string): void {
    this.#failure ??= what
    this.#failedAt ??= this.#world.clock.elapsed
  }

  /** Plays the plan, heals everything and waits for agreement. */
  async play(): Promise<Outcome> {
    const { clock } = this.#world
    this.#found()
    for (const step of this.#plan.steps) {
      clock.after(step.at, () => this.#do(step))
    }
    await this.#until(this.#plan.hours * 3_600_000)
    const agreedAfterMs = await this.#healAndAgree()
    return {
      seed: this.#plan.seed,
      failure: this.#failure,
      failedAt: this.#failedAt,
      trace: this.#world.traceHash(),
      events: this.#world.events,
      simulatedMs: clock.elapsed,
      records: this.#records,
      liars: this.#checks.found(this.#world.victims),
      refusals: this.#refusals.counts,
      faults: this.#happened.counts,
      lies: this.#told.counts,
      kinds: this.#checks.kinds.counts,
      agreedAfterMs,
    }
  }

  /** Heals everything; answers how long it took until all agreed, null if they never did. */
  async #healAndAgree(): Promise<number | null> {
    const { clock, victims } = this.#world
    let couldSince = clock.elapsed
    if (this.#failure !== null) return null
    this.#healed = true
    this.#world.trace('healed')
    this.#faults.heal()
    let agreedAt: number | null = null
    while (this.#failure === null && clock.elapsed < couldSince + agreementMsMax) {
      await this.#until(clock.elapsed + 1_000)
      couldSince = Math.max(couldSince, this.#believableSince())
      const agree = this.#checks.disagreement(victims).length === 0
      if (!agree) agreedAt = null
      else agreedAt ??= clock.elapsed
      // Agreement has to last, for nodes go on to act by themselves.
      if (agreedAt !== null && clock.elapsed > agreedAt + 5_000 && this.#pending === 0) break
    }
    if (this.#failure !== null) return null
    if (agreedAt === null) {
      const odd = this.#checks.disagreement(victims)
      this.fail(`P7: ${odd.join(', ')} differ from ${victims[0]?.name} after healing`)
    }
    await this.#checks.end(victims)
    for (const { replica } of victims) {
      if ((replica?.checkpoints().dropped.changes ?? 0) > 0) this.#happened.count('history dropped')
    }
    const wrong = await this.#world.settled(unrepeatableAnswer(victims, this.#verifier))
    if (wrong !== null) this.fail(`P11: ${wrong}`)
    return agreedAt === null ? null : Math.max(0, agreedAt - couldSince)
  }

  /** Since when all changes there are can be taken: those dated ahead wait for their time. */
  #believableSince(): number {
    let latest = 0
    for (const { replica } of this.#world.victims) {
      const { trusts, pools } = replica?.states() ?? { trusts: [], pools: [] }
      for (const { chain } of [...trusts, ...pools]) latest = Math.max(latest, chain.time)
    }
    const { clock } = this.#world
    return latest - datedAheadMsMax - clock.now() + clock.elapsed
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
      const witnesses = this.#plan.windows === true ? this.#witnessesOf(i) : []
      const founding = { name, federation: 'test-torture', adp, policy, witnesses }
      const milli = parseMilli(adp, 'adp', true)
      if (typeof milli !== 'number') throw new TypeError('no founding ADP')
      const manual = random.next() < 1 / 8
      // One at least keeps all: who joins late begins there.
      const isWindow = this.#plan.windows === true && i % 3 > 0
      const victim = this.#world.add(name, founding, manual, isWindow ? 'window' : 'all')
      this.#world.setClock(victim, Math.floor((random.next() - 0.5) * 2_000))
      this.#world.clock.after(Math.floor(random.next() * 5_000), () => {
        void this.#world.start(victim)
      })
    }
  }

  /** Four of the others, or one where there are not so many. */
  #witnessesOf(society: number): readonly string[] {
    const { societies } = this.#plan
    return Array.from({ length: societies > 4 ? 4 : 1 }, (_, nth) => {
      const { publicKey } = signerOf(`s${(society + nth + 1) % societies}`)
      return didOf(keyOfBytes(publicKey))
    })
  }

  async #until(elapsedMs: number): Promise<void> {
    const world = this.#world
    while (this.#failure === null && (await world.step(elapsedMs))) {
      await this.#checks.afterEvent(world.victims)
      // Between two events nothing goes on: what is looked at does not change meanwhile.
      if (world.clock.elapsed < this.#auditAt) continue
      this.#auditAt = world.clock.elapsed + auditEveryMs
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
    else if (step.type === 'lie') this.#lies.happen(victim, random)
    else this.#faults.happen(step.type, victim, random)
  }

  #act(victim: Victim, name: string, random: SeededRandom): void {
    const { replica } = victim
    const action = actions[name]
    if (replica === null || action === undefined) return
    const attempt = action[1](this.#situation(victim, replica, random))
    if (attempt !== undefined) this.#try(victim, attempt)
  }

  /** Hands a liar's message to a node, whatever divides them. */
  #hand(from: string, to: Victim, topic: string, message: Uint8Array): void {
    this.#world.traceBytes(`${from} to ${to.name} ${topic}`, message)
    void this.#checks.handed(to, message, () =>
      this.#world.wires.node(to.name)?.hear(from, topic, message),
    )
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
      if (victim.run === run) victim.answered.set(id, this.#world.clock.now())
    } catch (error) {
      if (error instanceof Failure) this.#refusals.count(error.code)
      else this.fail(`P8: ${victim.name} ${kind}: ${(error as Error).stack}`)
    } finally {
      this.#pending -= 1
    }
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
}

/** Plays a plan to its end or to the first thing that is wrong. */
export async function runPlan(plan: Plan, verifier: Verifier): Promise<Outcome> {
  const run = new Run(plan, verifier)
  // What nobody waits for and yet fails would end a real node.
  const unhandled = (error: unknown): void => {
    run.fail(`P8: a promise failed and nobody noticed: ${(error as Error).stack ?? String(error)}`)
  }
  process.on('unhandledRejection', unhandled)
  try {
    return await run.play()
  } finally {
    process.off('unhandledRejection', unhandled)
  }
}
