import * as fc from 'fast-check'
import type { SignedHead, SocietyKey } from '../../protocol/index.ts'
import { keyNamed } from './ledger-world.ts'
import type { Draft, LedgerWorld } from './ledger-world.ts'

const hour = 3_600_000
const day = 24 * hour

/** A worker that is no society. */
export const worker: SocietyKey = keyNamed('worker')

/** What a step may do in a `pool` document; `answer` is what a real node does by itself. */
export type PoolAction =
  | ('answer' | 'charge' | 'request' | 'allocate' | 'complete' | 'fail')
  | ('grant' | 'take' | 'giveBack' | 'revoke')
  | ('offer' | 'accept' | 'settle' | 'decline' | 'cancel' | 'claim')

/** What a step may do in a `trust` document; `wrong` breaks the rules in either. */
export type TrustAction =
  | 'prove'
  | 'retire'
  | 'attest'
  | 'apply'
  | 'admit'
  | 'leave'
  | 'amend'
  | 'head'
  | 'wrong'

// How often, lest histories end before anything can be handed over.
const weights: Readonly<Record<PoolAction | TrustAction, number>> = {
  answer: 7,
  charge: 3,
  request: 1,
  allocate: 2,
  complete: 2,
  fail: 1,
  grant: 3,
  take: 1,
  giveBack: 1,
  revoke: 1,
  offer: 2,
  accept: 2,
  settle: 2,
  decline: 1,
  cancel: 2,
  claim: 1,
  prove: 1,
  retire: 1,
  attest: 1,
  apply: 1,
  admit: 1,
  leave: 1,
  amend: 1,
  head: 1,
  wrong: 2,
}
const actionNames = Object.keys(weights) as (PoolAction | TrustAction)[]

/** One step of a history: plain numbers, read against what is there when its turn comes. */
export type Step = {
  readonly action: PoolAction | TrustAction
  /** Which society acts. */
  readonly by: number
  /** Which of what there is it picks; one in eight is among what is not meant for it. */
  readonly pick: number
  /** How much of what there is, see `amountOf`. */
  readonly share: number
  /** Time that passes before. */
  readonly waitMs: number
  /** Whether it is dated as early as its chain and what it names allow. */
  readonly late: boolean
  /** Whether it shares a change with the step before, if that is of the same document. */
  readonly joined: boolean
}

// Mostly none; else around the borders of occupancies, deadlines, expiries and ages.
const waits: readonly (readonly [weight: number, waitMs: number])[] = [
  [60, 0],
  [3, 1],
  [2, 999],
  [2, 60_000],
  [1, hour - 1],
  [2, hour],
  [1, hour + 1],
  [2, 5 * hour],
  [3, day],
  [1, day + 1],
  [1, 3 * day],
  [1, 7 * day],
  [1, 7 * day + 1],
  [1, 31 * day],
]

const weighted = <T>(entries: readonly (readonly [number, T])[]): fc.Arbitrary<T> =>
  fc.oneof(...entries.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))

/** Histories of up to fifty steps. */
export const histories: fc.Arbitrary<readonly Step[]> = fc.array(
  // Without bias: it prefers the smallest and largest numbers, and these pick one thing only.
  fc.noBias(
    fc.record<Step>({
      action: weighted(actionNames.map((name) => [weights[name], name])),
      by: fc.nat(2),
      pick: fc.nat(255),
      share: fc.nat(11),
      waitMs: weighted(waits),
      late: fc.nat(7).map((n) => n === 7),
      joined: fc.nat(5).map((n) => n === 5),
    }),
  ),
  { minLength: 1, maxLength: 50, size: 'max' },
)

/** What a step is read against. */
export type Scene = {
  readonly world: LedgerWorld
  /** Heads that were signed so far, some of them lies about the time. */
  readonly heads: SignedHead[]
}

/** Reads a step as records of a society; undefined where there is nothing it could mean. */
export type Plan = (scene: Scene, by: SocietyKey, step: Step) => Draft | undefined

/** Whether a step is to pick among what is not meant for it. */
export const isWild = (step: Step): boolean => step.pick % 8 === 3
/** The entry at a number, counted round. */
export const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T

/** What a step picks of a list; undefined where it is empty. */
export function pickOf<T>(list: readonly T[], step: Step): T | undefined {
  return list.length === 0 ? undefined : at(list, step.pick >> 3)
}

/** What a step takes of a limit: from one milli-unit to one more than there is. */
export function amountOf(limit: number, step: Step): number {
  const least = [1_000, 20_000, 60_000, 100_000].map((amount) => Math.min(amount, limit))
  const parts = [1, 1, 2, 2, 3, 3].map((divisor) => limit / divisor)
  const amounts = [...parts, limit - 1, limit + 1, ...least]
  return Math.max(1, Math.floor(at(amounts, step.share)))
}

/** A society other than this one. */
export const other = (world: LedgerWorld, by: SocietyKey, n: number): SocietyKey =>
  at(
    world.societies.filter((society) => society !== by),
    n,
  )
