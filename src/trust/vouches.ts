import {
  isOpen,
  violationsOf,
  vouchStanding,
  type GivenVouch,
  type ReceivedVouch,
  type SocietyKey,
  type VouchStanding,
} from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'

/** What vouches are judged by besides the chains: when a society was caught lying, if it was. */
export type VouchKnowledge = {
  readonly held: DocumentsHeld
  readonly caughtAt: (society: SocietyKey) => number | null
}

/** A vouch as both its parties' chains tell of it. */
export type KnownVouch = {
  readonly sponsor: SocietyKey
  readonly given: GivenVouch
  /** Null while the newcomer has not accepted, as far as is known here. */
  readonly received: ReceivedVouch | null
  /** `open`: it can still be accepted; `lapsed`: it was not accepted in time. */
  readonly state: VouchStanding['state'] | 'open' | 'lapsed'
  /** When it failed, or when success was proven; null while neither has happened. */
  readonly decidedAt: number | null
}

/** How a vouch that was accepted stands. */
function standingOfReceived(
  { held, caughtAt }: VouchKnowledge,
  newcomer: SocietyKey,
  received: ReceivedVouch,
  now: number,
): VouchStanding {
  const trust = held.trust(newcomer)
  const time = Math.max(now, trust.time)
  const misdeeds = { violations: violationsOf(trust, time), caughtAt: caughtAt(newcomer) }
  return vouchStanding(received, misdeeds, time)
}

/** Every vouch that a society has given, oldest first. */
export function vouchesBy(
  knowledge: VouchKnowledge,
  sponsor: SocietyKey,
  now: number,
): readonly KnownVouch[] {
  return [...knowledge.held.trust(sponsor).given.values()].map((given) => {
    const received = knowledge.held.trust(given.to).received.get(given.id)
    if (received === undefined) {
      const state = isOpen(given, now) ? 'open' : 'lapsed'
      return { sponsor, given, received: null, state, decidedAt: null }
    }
    return { sponsor, given, received, ...standingOfReceived(knowledge, given.to, received, now) }
  })
}

/** Vouches that are active for a society. */
export function activeFor(
  knowledge: VouchKnowledge,
  newcomer: SocietyKey,
  now: number,
): readonly ReceivedVouch[] {
  return [...knowledge.held.trust(newcomer).received.values()].filter(
    (received) => standingOfReceived(knowledge, newcomer, received, now).state === 'active',
  )
}

/** Active vouches of a society: those it gave and those it accepted. */
export function countVouches(
  knowledge: VouchKnowledge,
  society: SocietyKey,
  now: number,
): { readonly given: number; readonly received: number } {
  const given = vouchesBy(knowledge, society, now).filter(({ state }) => state === 'active')
  return { given: given.length, received: activeFor(knowledge, society, now).length }
}

/** Whether active vouches lead from one society to another. */
export function vouchesLead(
  knowledge: VouchKnowledge,
  from: SocietyKey,
  to: SocietyKey,
  now: number,
): boolean {
  const seen = new Set([from])
  for (const society of seen) {
    if (society === to) return true
    for (const { state, given } of vouchesBy(knowledge, society, now)) {
      if (state === 'active') seen.add(given.to)
    }
  }
  return false
}
