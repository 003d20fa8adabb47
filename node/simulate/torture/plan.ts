import { SeededRandom } from '../random.ts'
import { actions, chooseAction } from './actions.ts'

/** A fault of the world or its mending. */
export type FaultType =
  | 'crash'
  | 'torn'
  | 'stop'
  | 'divide'
  | 'one-way'
  | 'flap'
  | 'spoil'
  | 'clock'
  | 'full-disk'
  | 'restore'
  | 'blackout'
  | 'weeks'
  | 'lie'
  | 'mend'

/**
 * One step of a run: plain data. What it does beyond its type follows from `roll` and from what is
 * there when its turn comes, so that leaving out other steps does not turn it into another one.
 */
export type Step = {
  /** Milliseconds after the start. */
  readonly at: number
  readonly type: 'act' | FaultType
  /** Action of an `act`. */
  readonly action?: string
  /** Which society it is about. */
  readonly node: number
  readonly roll: number
}

/** A run as it was decided on before it began. */
export type Plan = {
  readonly seed: number
  readonly hours: number
  readonly societies: number
  /** How many of the first of them lie. */
  readonly liars: number
  /** Whether societies have witnesses, and most of their nodes keep a window of history only. */
  readonly windows?: boolean
  readonly steps: readonly Step[]
}

const hourMs = 3_600_000
/** Parts of a run in which windows of history are kept, between which weeks pass. */
const leaps = 6
const faults: readonly (readonly [FaultType, number])[] = [
  ['crash', 5],
  ['torn', 3],
  ['stop', 2],
  ['divide', 4],
  ['one-way', 4],
  ['flap', 2],
  ['spoil', 5],
  ['clock', 3],
  ['full-disk', 1],
  ['restore', 1],
  ['blackout', 0.2],
  ['mend', 6],
]
const faultsSum = faults.reduce((sum, [, weight]) => sum + weight, 0)

function chooseFault(random: SeededRandom): FaultType {
  let left = random.next() * faultsSum
  for (const [type, weight] of faults) {
    left -= weight
    if (left < 0) return type
  }
  return 'mend'
}

/** What a seed decides: how many societies, what they try and what goes wrong, and when. */
export function planOf(seed: number, hours: number): Plan {
  const random = new SeededRandom(seed).fork('plan')
  const societies = 3 + Math.floor(random.next() * 10)
  // Some worlds are busy and some calm, some fail all the time and some hardly ever.
  const actsPerHour = 60 + Math.floor(random.next() * 240)
  const faultsPerHour = Math.floor(random.next() * 60)
  // Every other world has no liar at all: there nothing may ever be doubted.
  const lying = random.next() < 1 / 2 ? 0 : 1 + Math.floor(random.next() * (societies / 3))
  const windows = new SeededRandom(seed).fork('windows').next() < 1 / 4
  const liars = windows ? 0 : lying
  const steps: Step[] = []
  const add = (count: number, make: () => Pick<Step, 'type' | 'action'>): void => {
    for (let i = 0; i < count * hours; i++) {
      const at = Math.floor(random.next() * hours * hourMs)
      const node = Math.floor(random.next() * societies)
      const roll = Math.floor(random.next() * 0xffff_ffff)
      steps.push({ at, node, roll, ...make() })
    }
  }
  // A society that has proven nothing can do little: the first minutes are for proofs.
  for (let node = 0; node < societies; node++) {
    const at = Math.floor(random.next() * 60_000)
    steps.push({ at, node, type: 'act', action: 'prove', roll: Math.floor(random.next() * 1e9) })
    steps.push({ at: at + 5_000, node, type: 'act', action: 'charge', roll: node })
  }
  add(actsPerHour, () => ({ type: 'act', action: chooseAction(random) }))
  add(faultsPerHour, () => ({ type: chooseFault(random) }))
  for (let i = 0; i < liars * 10 * hours; i++) {
    const at = Math.floor((1 / 4 + (random.next() * 3) / 4) * hours * hourMs)
    const roll = Math.floor(random.next() * 0xffff_ffff)
    steps.push({ at, node: i % liars, type: 'lie', roll })
  }
  // Weeks pass, until checkpoints are old enough for history to be dropped.
  for (let leap = 1; leap < (windows ? leaps : 1); leap++) {
    const roll = Math.floor(random.next() * 0xffff_ffff)
    steps.push({ at: Math.floor((leap / leaps) * hours * hourMs), node: 0, type: 'weeks', roll })
  }
  steps.sort((a, b) => a.at - b.at)
  return { seed, hours, societies, liars, windows, steps }
}

/** Whether a step still means something: kinds of action come and go. */
export function isKnownStep(step: Step): boolean {
  return step.type !== 'act' || Object.hasOwn(actions, step.action ?? '')
}
