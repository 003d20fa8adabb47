import type { ProofClaim } from '../../src/index.ts'

/** Why a claim cannot be, in words, and what to do; null where it can. */
export type Check = (claim: ProofClaim) => string | null

/** A power for people. */
export const watts = (value: number): string => `${Math.round(value * 1_000) / 1_000} W`

/** An energy for people. */
export const wattHours = (value: number): string => `${Math.round(value * 1_000) / 1_000} Wh`

/** An instant for people: to the minute. */
export const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`
