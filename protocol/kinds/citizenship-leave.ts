import { fault, type Fault } from '../codes.ts'
import { headFreshMsMax, signedHeadBytes } from '../limits.ts'
import { decodeSignedHead, headMessage, type HeadStatement } from '../statements.ts'
import { trustKind, type Judging, type RecordKind } from './kind.ts'
import { bytes, optional } from './schema.ts'

type Value = { readonly head: Uint8Array | undefined }

function headFault({ head: given }: Value, judging: Judging): Fault | null {
  const signed = given === undefined ? undefined : decodeSignedHead(given)
  if (signed === undefined) return null
  const { head, signature } = signed
  const { author, lookup, time } = judging
  const isOwn = head.author === author && head.document === 'pool' && lookup.contains(head)
  if (!isOwn || !lookup.verify(signature, headMessage(head), author)) {
    return fault('not-authorised', 'head must be one of the society’s own pool')
  }
  return head.time > time ? fault('clock-backwards', 'dated before the head that it carries') : null
}

/** Whether nothing was lent to the society where a head says that its pool stood. */
function isFree(head: HeadStatement | undefined, { lookup, time }: Judging): boolean {
  if (head === undefined || time - head.time > headFreshMsMax) return false
  return lookup.borrowedUntil(head.hash) < time
}

/**
 * `citizenship.leave`: ends the citizenship after its notice; at once where a fresh head of the
 * society's own pool shows that nothing is lent to it any more. What it borrows after that and
 * dates before is a lie that the head proves.
 */
export const citizenshipLeave: RecordKind = trustKind(
  'citizenship.leave',
  { head: optional(bytes(signedHeadBytes)) },
  {
    shape({ head }) {
      return head !== undefined && decodeSignedHead(head) === undefined
        ? fault('malformed', `head must be a signed head of ${signedHeadBytes} bytes`)
        : null
    },
    check(state, value, judging) {
      const open = state.application
      if (open === null || (open.leftAt !== null && open.leftAt <= judging.time)) {
        return fault('not-citizen', 'there is no application or citizenship to leave')
      }
      const wrong = headFault(value, judging)
      if (wrong !== null) return wrong
      return open.leftAt === null ? null : fault('already-ended', 'it is leaving already', open.id)
    },
    apply(state, { head: given }, judging) {
      const head = given === undefined ? undefined : decodeSignedHead(given)?.head
      const notice = isFree(head, judging) ? 0 : state.policy.leaveNoticeDays
      const leftAt = judging.time + notice
      if (state.application !== null) state.application = { ...state.application, leftAt }
      return null
    },
  },
)
