import type { Code, Fault } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'

/**
 * Which check of a record each code belongs to (R77): what it refers to, who may write it, whether
 * that is still open, fresh and uncontested, amounts against what it refers to, amounts against
 * what its author has, cycles and counts. Codes that are not here are of the fields alone.
 */
const groups: readonly (readonly Code[])[] = [
  ['unknown-reference', 'clock-backwards'],
  ['not-authorised', 'not-citizen', 'not-eligible', 'bad-signature'],
  [
    'already-ended',
    'already-claimed',
    'already-citizen',
    'expired',
    'offer-closed',
    'proof-from-future',
    'proof-stale',
    'unverified-source',
    'source-claimed',
    'source-contested',
    'implausible-proof',
    'equivocation',
    'uncertified',
  ],
  ['invalid-amount'],
  ['insufficient-adp', 'insufficient-capacity', 'insufficient-atp', 'impossible-request'],
  [
    'citizenship-cycle',
    'vouch-cycle',
    'too-many-batches',
    'bond-exists',
    'rate-limited',
    'queue-full',
  ],
]

const groupOf = (code: Code): number => groups.findIndex((codes) => codes.includes(code))

/** A fault of the rules as a failure. */
export function failureOf({ code, message, record }: Fault): Failure {
  return new Failure(code, message, record === undefined ? {} : { record })
}

/** Of two reasons to refuse one record the one whose check comes earlier; the first of equals. */
export function earlierOf(one: Failure | undefined, other: Failure): Failure
export function earlierOf(one: Failure | undefined, other: Failure | undefined): Failure | undefined
export function earlierOf(
  one: Failure | undefined,
  other: Failure | undefined,
): Failure | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return groupOf(one.code) <= groupOf(other.code) ? one : other
}
