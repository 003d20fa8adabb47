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

// Some more often than others, lest histories end before anything can be handed over.
const actions: readonly (PoolAction | TrustAction)[] = [
  ...(['answer', 'answer', 'answer', 'answer', 'answer', 'answer', 'answer'] as const),
  ...(['charge', 'charge', 'charge'] as const),
  ...(['allocate', 'allocate', 'complete', 'complete', 'fail'] as const),
  ...(['grant', 'grant', 'grant', 'take', 'giveBack', 'revoke', 'offer', 'offer'] as const),
  ...(['accept', 'accept', 'settle', 'settle', 'decline', 'cancel', 'cancel', 'claim'] as const),
  ...(['prove', 'prove', 'retire', 'attest', 'request', 'head'] as const),
  ...(['apply', 'admit', 'leave', 'amend'] as const),
  ...(['wrong', 'wrong'] as const),
]

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

const waits = [
  ...Array.from({ length: 60 }, () => 0),
  ...[1, 1, 1, 999, 999, 60_000, 60_000, hour - 1, hour, hour, hour + 1, 5 * hour, 5 * hour],
  ...[day, day, day, day + 1, 3 * day, 7 * day, 7 * day + 1, 31 * day],
]

/** Histories of up to fifty steps. */
export const histories: fc.Arbitrary<readonly Step[]> = fc.array(
  // Without bias: it prefers the smallest and largest numbers, and these pick one thing only.
  fc.noBias(
    fc.record<Step>({
      action: fc.constantFrom(...actions),
      by: fc.nat(2),
      pick: fc.nat(255),
      share: fc.nat(11),
      waitMs: fc.constantFrom(...waits),
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
  const amounts = [
    ...[limit, limit, limit / 2, limit / 2, limit / 3, limit / 3, limit - 1, limit + 1],
    ...[1_000, 20_000, 60_000, 100_000].map((amount) => Math.min(amount, limit)),
  ]
  return Math.max(1, Math.floor(at(amounts, step.share)))
}

/** A society other than this one. */
export const other = (world: LedgerWorld, by: SocietyKey, n: number): SocietyKey =>
  at(
    world.societies.filter((society) => society !== by),
    n,
  )
