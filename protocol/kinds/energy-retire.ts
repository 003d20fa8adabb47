import { fault } from '../codes.ts'
import { putSource } from '../ledger/sources.ts'
import { sourceIdLengthMax } from '../limits.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { text } from './schema.ts'

/** `energy.retire`: the society gives a source up; it charges no more and others may prove it. */
export const energyRetire: RecordKind = trustKind(
  'energy.retire',
  { source: text(sourceIdLengthMax) },
  {
    check(state, value) {
      const source = state.sources.get(value.source)
      if (source === undefined) {
        return fault('unknown-reference', `no source ${value.source} of this society`)
      }
      return source.retired === null ? null : fault('already-ended', 'it is retired already')
    },
    apply(state, value, judging) {
      const source = state.sources.get(value.source)
      if (source !== undefined) {
        putSource(state, { ...source, retired: judging.id }, 'retired', judging.time)
      }
      return null
    },
  },
)
