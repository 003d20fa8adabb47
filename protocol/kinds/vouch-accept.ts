import { fault } from '../codes.ts'
import { provenCapacity } from '../ledger/bond.ts'
import { provenWhen, violationsOf } from '../ledger/sources.ts'
import { vouchStanding, type ReceivedVouch } from '../ledger/vouch.ts'
import type { TrustState } from '../ledger/trust-state.ts'
import { vouchesReceivedMax } from '../limits.ts'
import { named, trustKind, type RecordKind } from './kind.ts'
import { reference } from './schema.ts'

/** Vouches that are active for a society at a time, as far as its own chain tells. */
export function activeReceived(state: TrustState, time: number): readonly ReceivedVouch[] {
  const misdeeds = { violations: violationsOf(state, time), caughtAt: null }
  return [...state.received.values()].filter(
    (vouch) => vouchStanding(vouch, misdeeds, time).state === 'active',
  )
}

/** `vouch.accept`: the newcomer takes a vouch; its period runs from here. */
export const vouchAccept: RecordKind = trustKind(
  'vouch.accept',
  { vouch: reference('vouch.give') },
  {
    check(state, value, judging) {
      const { time, outcome } = named(judging, value.vouch, 'vouch')
      if (outcome.to !== judging.author) {
        return fault('not-authorised', 'the vouch is for another society', value.vouch)
      }
      if (judging.ended(value.vouch)) {
        return fault('already-claimed', 'the vouch was accepted before', value.vouch)
      }
      if (judging.time > time + outcome.duration) {
        return fault('expired', 'the vouch was not accepted in time', value.vouch)
      }
      return activeReceived(state, judging.time).length >= vouchesReceivedMax
        ? fault('not-eligible', `at most ${vouchesReceivedMax} vouches are active for a newcomer`)
        : null
    },
    apply(state, value, judging) {
      const { author: sponsor, outcome } = named(judging, value.vouch, 'vouch')
      const { id, time: acceptedAt } = judging
      const { watts, duration } = outcome
      const until = acceptedAt + duration
      const vouch = { id, vouch: value.vouch, sponsor, watts, acceptedAt, until, provenAt: null }
      const capacity = provenCapacity(state.sources.values(), acceptedAt)
      const provenAt = provenWhen(vouch, capacity, acceptedAt)
      state.received.set(value.vouch, { ...vouch, provenAt })
      judging.end(value.vouch)
      return { type: 'vouched', vouch: value.vouch, sponsor, watts, until }
    },
  },
)
