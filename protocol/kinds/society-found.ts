import { fault } from '../codes.ts'
import { noChange } from '../ledger/appointment.ts'
import { foundingMilliAdpMax, nameLengthMax, witnessesMax } from '../limits.ts'
import {
  defaultPolicy,
  isTestFederation,
  liftsLimits,
  policyNames,
  policyRules,
  type Policy,
  type PolicyName,
} from '../policy.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { amountOrZero, integer, key, list, optional, text, type FieldType } from './schema.ts'

/** Fields of a policy: `policy.<name>`, each optional, in wire units. */
export const policyFields: Readonly<Record<`policy.${PolicyName}`, FieldType<number | undefined>>> =
  Object.fromEntries(
    policyNames.map((name) => {
      const { minimum, maximum } = policyRules[name]
      return [`policy.${name}`, optional(integer(minimum, maximum))]
    }),
  ) as Record<`policy.${PolicyName}`, FieldType<number | undefined>>

/** The policy values that a record sets. */
export function policyOf(value: Readonly<Record<string, unknown>>): Partial<Policy> {
  const set = policyNames.filter((name) => value[`policy.${name}`] !== undefined)
  return Object.fromEntries(set.map((name) => [name, value[`policy.${name}`]]))
}

/** Whether witnesses are distinct, none the society itself, and 3f + 1 in number or none. */
export function areWitnesses(witnesses: readonly string[], society: string): boolean {
  const distinct = new Set(witnesses)
  return (
    distinct.size === witnesses.length &&
    !distinct.has(society) &&
    (witnesses.length === 0 || witnesses.length % 3 === 1)
  )
}

/** `society.found`: the first record of a society. Declares its ADP, federation and policy. */
export const societyFound: RecordKind = trustKind(
  'society.found',
  {
    name: text(nameLengthMax),
    federation: text(nameLengthMax),
    adp: amountOrZero,
    witnesses: list(key, witnessesMax),
    ...policyFields,
  },
  {
    shape(value, author) {
      if (value.adp > foundingMilliAdpMax) {
        return fault('invalid-amount', 'a society is founded with at most 1,000,000 ADP')
      }
      return areWitnesses(value.witnesses, author)
        ? null
        : fault('malformed', 'witnesses must be distinct others, 3f + 1 in number')
    },
    check(state, value) {
      if (liftsLimits(policyOf(value)) && !isTestFederation(value.federation)) {
        return fault('not-authorised', 'only a federation named test-... may lift limits')
      }
      if (state.founding !== null) return fault('already-ended', 'the society is founded already')
      return null
    },
    apply(state, value, judging) {
      const { name, federation, adp } = value
      state.founding = { id: judging.id, name, federation, adp }
      state.policy = { ...defaultPolicy, ...policyOf(value) }
      state.appointments = [{ witnesses: value.witnesses, seq: 0, hash: noChange }]
      return { type: 'founding', adp, federation }
    },
  },
)
