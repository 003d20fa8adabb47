import { fault, type Fault } from '../codes.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import { standingOf, provenCapacity } from '../ledger/bond.ts'
import type { TrustState } from '../ledger/trust-state.ts'
import { isOpen } from '../ledger/vouch.ts'
import { endorsersMax, vouchMsMax } from '../limits.ts'
import { endorsementMessage } from '../statements.ts'
import { named, trustKind, type Judging, type RecordKind } from './kind.ts'
import { amount, integer, key, list, optional, reference, signature } from './schema.ts'

/** Partners who sign for a sponsor where its parent does not. */
const partnersMin = 2

/** What a vouch says, before anybody has signed for it. */
export type VouchTerms = {
  readonly to: SocietyKey
  /** mW. */
  readonly watts: number
  readonly duration: number
  readonly endorsers: readonly SocietyKey[]
  /** Admission of the sponsor by the parent that signs for it. */
  readonly admission: RecordId | undefined
}

/** What is wrong with the terms by themselves: oneself, or somebody who cannot sign for it. */
export function vouchShapeFault(terms: VouchTerms, sponsor: SocietyKey): Fault | null {
  const { to, endorsers } = terms
  if (to === sponsor) return fault('not-eligible', 'nobody vouches for itself')
  if (new Set(endorsers).size !== endorsers.length) {
    return fault('malformed', 'an endorser signs once')
  }
  return endorsers.includes(sponsor) || endorsers.includes(to)
    ? fault('not-eligible', 'neither sponsor nor newcomer signs for the vouch')
    : null
}

/** Why a society may not vouch at all, or not for this one, as its own chain tells. */
export function sponsorFault(state: TrustState, terms: VouchTerms, time: number): Fault | null {
  const { policy, bond, sources } = state
  for (const vouch of state.given.values()) {
    if (vouch.to === terms.to && isOpen(vouch, time)) {
      return fault('not-eligible', 'this society has vouched for that one already', vouch.id)
    }
  }
  if (policy.vouchBondDays > 0) {
    const standing = bond === null ? undefined : standingOf(bond, sources, time)
    const { state: now, proven } = standing ?? {}
    const holds = now === 'active' || (now === 'fulfilled' && proven === true)
    const since = holds ? bond?.committedAt : undefined
    if (since === undefined || time - since < policy.vouchBondDays) {
      return fault('not-eligible', 'the sponsor has not held a bond for long enough')
    }
  }
  return null
}

/** Whether enough have signed: the parent that has admitted the sponsor, or two others. */
export function endorserFault(
  state: TrustState,
  terms: VouchTerms,
  admission: { readonly author: SocietyKey; readonly application: RecordId } | undefined,
  time: number,
): Fault | null {
  if (state.policy.vouchTrust === 0 || terms.endorsers.length >= partnersMin) return null
  const { application } = state
  const stays = application !== null && (application.leftAt === null || time < application.leftAt)
  const isParent =
    stays && admission?.application === application.id && terms.endorsers.includes(admission.author)
  return isParent
    ? null
    : fault('not-eligible', 'the parent or two partners must sign for the sponsor')
}

/** Whether the watts, with `before` of other vouches, are at most half of what is proven. */
export function shareFault(
  state: TrustState,
  terms: VouchTerms,
  before: number,
  time: number,
): Fault | null {
  const capacity = provenCapacity(state.sources.values(), time)
  return 2 * (before + terms.watts) > capacity
    ? fault('insufficient-capacity', `half of ${capacity} mW may be vouched, ${before} mW are`)
    : null
}

type Value = VouchTerms & { readonly signatures: readonly Uint8Array[] }

function signatureFault(value: Value, judging: Judging): Fault | null {
  const { to, watts, duration, endorsers, signatures } = value
  const message = endorsementMessage({ sponsor: judging.author, to, watts, duration })
  const forger = endorsers.find(
    (endorser, i) => !judging.lookup.verify(signatures[i] as Uint8Array, message, endorser),
  )
  return forger === undefined
    ? null
    : fault('bad-signature', 'an endorser has not signed for this vouch')
}

/** `vouch.give`: the sponsor offers a newcomer the use of some of its watts, for `duration` ms. */
export const vouchGive: RecordKind = trustKind(
  'vouch.give',
  {
    to: key,
    watts: amount,
    duration: integer(1, vouchMsMax),
    endorsers: list(key, endorsersMax),
    signatures: list(signature, endorsersMax),
    admission: optional(reference('citizenship.admit')),
  },
  {
    shape(value, author) {
      return value.endorsers.length === value.signatures.length
        ? vouchShapeFault(value, author)
        : fault('malformed', 'a signature for each endorser')
    },
    check(state, value, judging) {
      const { time } = judging
      const recorded =
        value.admission === undefined ? undefined : named(judging, value.admission, 'admission')
      const admission = recorded && {
        author: recorded.author,
        application: recorded.outcome.application,
      }
      return (
        sponsorFault(state, value, time) ??
        endorserFault(state, value, admission, time) ??
        signatureFault(value, judging) ??
        shareFault(state, value, 0, time)
      )
    },
    apply(state, value, judging) {
      const { id, time: givenAt } = judging
      const { to, watts, duration } = value
      state.given.set(id, { id, to, watts, duration, givenAt })
      return { type: 'vouch', to, watts, duration }
    },
  },
)
