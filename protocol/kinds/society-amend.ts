import {
  decodeCertificate,
  encodeCertificate,
  isHandedOverBy,
  type Certificate,
} from '../acknowledgement.ts'
import { fault, type Fault } from '../codes.ts'
import { actorOf, type SocietyKey } from '../identity.ts'
import { noChange } from '../ledger/appointment.ts'
import type { TrustState } from '../ledger/trust-state.ts'
import { witnessesMax } from '../limits.ts'
import { isTestFederation, liftsLimits } from '../policy.ts'
import { trustKind, type Judging, type RecordKind } from './kind.ts'
import { flag, key, list, optional, type FieldType } from './schema.ts'
import { areWitnesses, policyFields, policyOf } from './society-found.ts'

/** Where the old witnesses end, and their signatures under what follows them. */
const handover: FieldType<Certificate> = {
  expected: 'a certificate and no byte more',
  code: 'malformed',
  read(value) {
    const certificate = value instanceof Uint8Array ? decodeCertificate(value) : undefined
    return certificate?.ok === true ? certificate.value : undefined
  },
  write: encodeCertificate,
}

type Value = {
  readonly witnesses: readonly SocietyKey[]
  readonly replaceWitnesses: boolean | undefined
  readonly handover: Certificate | undefined
}

function shapeFault(value: Value, author: SocietyKey): Fault | null {
  if (!areWitnesses(value.witnesses, author)) {
    return fault('malformed', 'witnesses must be distinct others, 3f + 1 in number')
  }
  const place = value.handover
  if ((value.replaceWitnesses === true) !== (place !== undefined)) {
    return fault('malformed', 'a hand-over comes with new witnesses, and with them alone')
  }
  const isOfPool =
    place === undefined ||
    (place.actor === actorOf('pool', author) && (place.seq === 0) === (place.hash === noChange))
  return isOfPool ? null : fault('malformed', 'a hand-over names a change of the own pool')
}

/** Whether the old witnesses have handed over to the new ones, here and once. */
function handoverFault(state: TrustState, value: Value, judging: Judging): Fault | null {
  const place = value.handover
  const before = state.appointments.at(-1)
  if (place === undefined || before === undefined) return null
  const isSigned = isHandedOverBy(place, value.witnesses, before.witnesses, (...signed) =>
    judging.lookup.verify(...signed),
  )
  if (!isSigned) {
    return fault('bad-signature', 'too few of the witnesses until now have signed for new ones')
  }
  const isNext = place.term === state.appointments.length
  const isAfter = place.seq > before.seq || (place.seq === before.seq && place.hash === before.hash)
  return isNext && isAfter
    ? null
    : fault('already-ended', 'other witnesses have taken over there or later')
}

/** `society.amend`: changes policy values; witnesses too where `replaceWitnesses` is set. */
export const societyAmend: RecordKind = trustKind(
  'society.amend',
  {
    witnesses: list(key, witnessesMax),
    replaceWitnesses: optional(flag),
    handover: optional(handover),
    ...policyFields,
  },
  {
    shape: shapeFault,
    check(state, value, judging) {
      const federation = state.founding?.federation ?? ''
      if (liftsLimits(policyOf(value)) && !isTestFederation(federation)) {
        return fault('not-authorised', 'only a federation named test-... may lift limits')
      }
      return handoverFault(state, value, judging)
    },
    apply(state, value) {
      state.policy = { ...state.policy, ...policyOf(value) }
      if (value.handover === undefined) return null
      const { witnesses } = value
      const { seq, hash } = value.handover
      state.appointments = [...state.appointments, { witnesses, seq, hash }]
      return null
    },
  },
)
