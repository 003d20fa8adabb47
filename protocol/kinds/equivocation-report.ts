import { fault, type Fault } from '../codes.ts'
import { decodeEvidence } from '../equivocation/evidence.ts'
import { judgeEvidence, type Conviction } from '../equivocation/judge.ts'
import { actorOf } from '../identity.ts'
import { isOutOfReach } from '../ledger/reach.ts'
import { evidencePartsMax, valueBytesMax } from '../limits.ts'
import { trustKind, type Judging, type RecordKind } from './kind.ts'
import { bytes, digest, list, optional } from './schema.ts'

type Value = { readonly evidence: readonly Uint8Array[]; readonly digest: string | undefined }

/** The bytes of evidence from the parts that a record holds. */
export function joinEvidence(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** What a report proves: from its own bytes, or from evidence that its digest names. */
function convictionOf(value: Value, { lookup }: Judging): Conviction | Fault {
  if (value.digest !== undefined) {
    const known = lookup.conviction(value.digest)
    return known ?? fault('malformed', 'the evidence that is named proves nothing')
  }
  const evidence = decodeEvidence(joinEvidence(value.evidence))
  if (!evidence.ok) return fault('malformed', `the evidence cannot be read: ${evidence.message}`)
  const judged = judgeEvidence(evidence.value, (...signed) => lookup.verify(...signed))
  return judged.ok ? judged.value : judged.fault
}

/**
 * `equivocation.report`: proof that a society signed two pasts of a document, checkable by itself.
 * Evidence that does not fit a record is named by its SHA-256 and travels beside it.
 */
export const equivocationReport: RecordKind = trustKind(
  'equivocation.report',
  { evidence: list(bytes(valueBytesMax), evidencePartsMax), digest: optional(digest) },
  {
    shape(value) {
      return (value.evidence.length === 0) === (value.digest === undefined)
        ? fault('malformed', 'a report holds its evidence or names it by its digest')
        : null
    },
    check(state, value, judging) {
      const conviction = convictionOf(value, judging)
      if ('code' in conviction) return conviction
      const { document, society, place } = conviction
      const before = state.reports.get(actorOf(document, society))
      if (before === undefined || before.place > place) return null
      // One that is too old to be named is of no use to whoever waits for the liar.
      const isOld = isOutOfReach('equivocation.report', before.at, judging.time)
      return before.place < place || !isOld
        ? fault('already-ended', 'reported before, of a fork as early', before.id)
        : null
    },
    apply(state, value, judging) {
      const conviction = convictionOf(value, judging)
      if ('code' in conviction) throw new Error('assertion: a report was applied unchecked')
      const { document, society, place } = conviction
      const { id, time: at } = judging
      state.reports.set(actorOf(document, society), { id, at, place })
      return { type: 'report', society, document, place }
    },
  },
)
