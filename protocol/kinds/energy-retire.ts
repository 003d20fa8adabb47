import { fault } from '../codes.ts'
import { putSource } from '../ledger/sources.ts'
import { leftPartsMax, lifetimeMsMax, sourceIdLengthMax } from '../limits.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { amount, instant, list, text } from './schema.ts'

/**
 * `energy.retire`: the society gives a source up; it charges no more and others may prove it.
 * `occupied.N` until `until.N` is what it charged on it and has not discharged, by its own word:
 * that occupies the source for whoever proves it next and names this record.
 */
export const energyRetire: RecordKind = trustKind(
  'energy.retire',
  {
    source: text(sourceIdLengthMax),
    occupied: list(amount, leftPartsMax),
    until: list(instant, leftPartsMax),
  },
  {
    shape(value) {
      return value.occupied.length === value.until.length
        ? null
        : fault('malformed', 'what is occupied has an end each')
    },
    check(state, value, judging) {
      const source = state.sources.get(value.source)
      if (source === undefined) {
        return fault('unknown-reference', `no source ${value.source} of this society`)
      }
      if (source.retired !== null) return fault('already-ended', 'it is retired already')
      return value.until.some((until) => until > judging.time + lifetimeMsMax)
        ? fault('malformed', 'no charge lives as long as that')
        : null
    },
    apply(state, value, judging) {
      const source = state.sources.get(value.source)
      if (source === undefined) return null
      const { id: retired, time: retiredAt } = judging
      putSource(state, { ...source, retired, retiredAt }, 'retired', judging.time)
      const left = value.occupied.map((part, i) => ({ amount: part, until: value.until[i] ?? 0 }))
      return { type: 'retirement', source: value.source, proof: source.proof, left }
    },
  },
)
