import { markRestored, type Replica, type StoreWrite } from '../../../src/index.ts'
import type { SeededRandom } from '../random.ts'
import { pick } from './actions.ts'
import type { FaultType } from './plan.ts'
import type { TortureWorld, Victim } from './torture-world.ts'

/** What faults need of the run that they happen in. */
export type FaultsParts = {
  readonly world: TortureWorld
  /** Whether everything works again for good. */
  readonly healed: () => boolean
  /** Whether one node has all that a society has signed and another node holds. */
  readonly holdsAllOf: (victim: Victim, own: Replica, other: Replica) => boolean
  /** A fault really happened. */
  readonly happened: (what: string) => void
}

type Fault = (victim: Victim, random: SeededRandom) => void

const minuteMs = 60_000
const dayMs = 86_400_000

/** Everything that goes wrong with nodes, disks, clocks and wires, and how it is undone. */
export class Faults {
  readonly #parts: FaultsParts
  readonly #world: TortureWorld

  constructor(parts: FaultsParts) {
    this.#parts = parts
    this.#world = parts.world
  }

  /** Lets a fault happen. */
  happen(type: Exclude<FaultType, 'lie'>, victim: Victim, random: SeededRandom): void {
    this.#faults[type](victim, random)
  }

  readonly #faults: Readonly<Record<Exclude<FaultType, 'lie'>, Fault>> = {
    crash: (victim, random) => this.#crash(victim, random),
    torn: (victim, random) => {
      const { run } = victim
      victim.disk.tearNext(() => {
        if (victim.run !== run || this.#parts.healed()) return
        this.#parts.happened('torn')
        this.#crash(victim, random)
      })
    },
    stop: (victim, random) => {
      this.#count('stop', victim.replica !== null)
      void this.#world.stop(victim)
      this.#later(random, 5 * minuteMs, () => this.#start(victim))
    },
    divide: (_victim, random) => {
      this.#parts.happened('divide')
      const groups = 2 + Math.floor(random.next() * 2)
      this.#world.wires.divide(
        new Map(this.#world.victims.map(({ name }) => [name, Math.floor(random.next() * groups)])),
      )
      this.#later(random, 10 * minuteMs, () => this.#world.wires.divide(new Map()))
    },
    'one-way': (victim, random) => {
      this.#parts.happened('one-way')
      const { wires } = this.#world
      const { name } = this.#another(victim, random)
      wires.block(victim.name, name, true)
      this.#later(random, 5 * minuteMs, () => wires.block(victim.name, name, false))
    },
    flap: (victim, random) => {
      this.#parts.happened('flap')
      const { wires } = this.#world
      for (let i = 1; i <= 6; i++) {
        this.#world.clock.after(i * (1_000 + Math.floor(random.next() * 20_000)), () => {
          if (this.#parts.healed()) return
          wires.divide(i % 2 === 1 ? new Map([[victim.name, 1]]) : new Map())
        })
      }
    },
    spoil: (victim, random) => {
      const { wires } = this.#world
      const { name } = this.#another(victim, random)
      const delayMs = random.next() < 1 / 3 ? 60_000 : 2_000
      this.#parts.happened(delayMs > 2_000 ? 'loss and long delays' : 'loss')
      const faults = { loss: random.next() * 0.6, duplicates: random.next() / 2, delayMs }
      wires.spoil(victim.name, name, faults)
      if (random.next() < 1 / 2) wires.spoil(name, victim.name, faults)
    },
    clock: (victim, random) => {
      const longestMs = random.next() < 1 / 6 ? 600_000 : 50_000
      const offsetMs = Math.floor((random.next() - 0.5) * 2 * longestMs)
      this.#parts.happened(offsetMs < victim.offsetMs ? 'clock set back' : 'clock set forward')
      this.#world.setClock(victim, offsetMs)
    },
    'full-disk': (victim, random) => {
      this.#parts.happened('full-disk')
      victim.disk.full = true
      this.#later(random, minuteMs, () => this.#makeSpace(victim))
    },
    restore: (victim, random) => void this.#backUp(victim, random),
    blackout: (_victim, random) => this.#blackOut(random, 1, 40),
    weeks: (_victim, random) => this.#blackOut(random, 15, 30),
    mend: () => {
      this.#world.wires.heal()
      for (const victim of this.#world.victims) this.#start(victim)
    },
  }

  #count(what: string, really: boolean): void {
    if (really) this.#parts.happened(what)
  }

  /** Undoes a fault after some time. */
  #later(random: SeededRandom, longestMs: number, undo: () => void): void {
    this.#world.clock.after(500 + Math.floor(random.next() * longestMs), () => {
      if (!this.#parts.healed()) undo()
    })
  }

  #another(victim: Victim, random: SeededRandom): Victim {
    const others = this.#world.victims.filter((each) => each !== victim)
    return pick(random, others) ?? victim
  }

  #start(victim: Victim): void {
    void this.#world.start(victim)
  }

  /** Three times in four the power is cut, and of what was not synced only a beginning stays. */
  #crash(victim: Victim, random: SeededRandom): void {
    const unsynced = victim.disk.unsynced()
    const power = random.next() < 3 / 4 && !this.#isFragile()
    const kept = power ? Math.floor(random.next() * (unsynced + 1)) : null
    this.#count(power ? 'power cut' : 'crash', victim.replica !== null)
    this.#count('unsynced writes lost', kept !== null && kept < unsynced)
    this.#world.crash(victim, kept)
    this.#later(random, 3 * minuteMs, () => this.#start(victim))
  }

  /** Whether somebody has still to hear from the others what it has signed: they must keep it. */
  #isFragile(): boolean {
    return this.#world.victims.some(
      ({ isRestored, replica }) => isRestored && replica?.restoration.pending !== false,
    )
  }

  /** Nobody is up for days: on the return much has expired. */
  #blackOut(random: SeededRandom, daysMin: number, daysMax: number): void {
    this.#parts.happened('blackout')
    for (const victim of this.#world.victims) {
      this.#world.crash(victim, null)
      this.#later(random, minuteMs, () => this.#start(victim))
    }
    const days = daysMin + random.next() * (daysMax - daysMin)
    this.#world.clock.leap(Math.floor(days * dayMs))
  }

  /** Keeps a copy of a node's disk, to put it back later. */
  async #backUp(victim: Victim, random: SeededRandom): Promise<void> {
    if (victim.replica === null) return
    const saved = await victim.disk.copy()
    this.#later(random, 20 * minuteMs, () => this.#restore(victim, saved))
  }

  /**
   * Puts an older copy of a node's disk in its place. What nobody else has of it by then is lost,
   * and with it the node's memory of having signed it: so it is done only where others have it all,
   * and they keep what they have until the node has caught up.
   */
  #restore(victim: Victim, saved: readonly StoreWrite[]): void {
    const { victims } = this.#world
    const { replica } = victim
    if (replica === null) return
    const isHeld = victims.some((other) => {
      const theirs = other === victim ? null : other.replica
      return theirs !== null && this.#parts.holdsAllOf(victim, replica, theirs)
    })
    if (!isHeld || this.#isFragile()) return
    this.#parts.happened('restore')
    this.#world.trace(`${victim.name} restored`)
    this.#world.crash(victim, null)
    // A clock that is behind could date before a head that is forgotten.
    if (victim.offsetMs < 0) this.#world.setClock(victim, 0)
    void this.#comeBack(victim, saved)
  }

  async #comeBack(victim: Victim, saved: readonly StoreWrite[]): Promise<void> {
    await victim.disk.restore(saved)
    await markRestored(victim.disk.look())
    victim.isRestored = true
    this.#start(victim)
    this.#awaitReturn(victim)
  }

  /** Notes that a restored node signs again: else nothing would be proven by restoring it. */
  #awaitReturn(victim: Victim): void {
    this.#world.clock.after(1_000, () => {
      if (victim.replica?.restoration.pending === false) this.#parts.happened('signs again')
      else if (!this.#parts.healed()) this.#awaitReturn(victim)
    })
  }

  /** The operator of a full disk makes space and starts the node anew. */
  #makeSpace(victim: Victim): void {
    this.#world.crash(victim, null)
    victim.disk.full = false
    this.#start(victim)
  }

  /** Everything works from now on. */
  heal(): void {
    for (const victim of this.#world.victims) {
      this.#world.setClock(victim, 0)
      if (victim.disk.full) this.#makeSpace(victim)
      else this.#start(victim)
    }
    this.#world.wires.heal()
  }
}
