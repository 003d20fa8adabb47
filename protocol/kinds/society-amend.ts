import { fault } from '../codes.ts'
import { witnessesMax } from '../limits.ts'
import { isTestFederation, liftsLimits } from '../policy.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { flag, key, list, optional } from './schema.ts'
import { areWitnesses, policyFields, policyOf } from './society-found.ts'

/** `society.amend`: changes policy values; witnesses too where `replaceWitnesses` is set. */
export const societyAmend: RecordKind = trustKind(
  'society.amend',
  { witnesses: list(key, witnessesMax), replaceWitnesses: optional(flag), ...policyFields },
  {
    shape(value, author) {
      return areWitnesses(value.witnesses, author)
        ? null
        : fault('malformed', 'witnesses must be distinct others, 3f + 1 in number')
    },
    check(state, value) {
      const federation = state.founding?.federation ?? ''
      if (liftsLimits(policyOf(value)) && !isTestFederation(federation)) {
        return fault('not-authorised', 'only a federation named test-... may lift limits')
      }
      return null
    },
    apply(state, value) {
      state.policy = { ...state.policy, ...policyOf(value) }
      if (value.replaceWitnesses === true) state.witnesses = value.witnesses
      return null
    },
  },
)
