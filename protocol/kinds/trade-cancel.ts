import { fault, type Fault } from '../codes.ts'
import { partsOfRecordId, type RecordId, type SocietyKey } from '../identity.ts'
import { endOffer } from '../ledger/advance.ts'
import { signedHeadBytes } from '../limits.ts'
import type { OutcomeOf } from '../ledger/outcomes.ts'
import type { PoolState } from '../ledger/pool-state.ts'
import { decodeSignedHead, headMessage } from '../statements.ts'
import { named, poolKind, type Judging, type RecordKind } from './kind.ts'
import { bytes, optional, reference } from './schema.ts'

type Value = {
  readonly offer: RecordId | undefined
  readonly acceptance: RecordId | undefined
  readonly because: RecordId | undefined
  readonly head: Uint8Array | undefined
}

function offerFault(state: PoolState, id: RecordId, judging: Judging): Fault | null {
  if (named(judging, id, 'offer').author !== judging.author) {
    return fault('not-authorised', 'the offer is another society’s', id)
  }
  return state.offers.has(id) ? null : fault('offer-closed', 'the offer is closed already', id)
}

/** When the seller made a statement, and the newest change of its pool that it knew. */
type Statement = { readonly time: number; readonly hash: string }

/** The seller's statement that frees the escrow; undefined where there is none. */
function sellerStatement(
  value: Value,
  acceptance: OutcomeOf<'acceptance'>,
  judging: Judging,
): Statement | undefined {
  if (value.head !== undefined) {
    const signed = decodeSignedHead(value.head)
    if (signed === undefined) return undefined
    const { head, signature } = signed
    const { seller } = acceptance
    const { lookup } = judging
    const fits = head.author === seller && head.document === 'pool' && lookup.contains(head)
    return fits && lookup.verify(signature, headMessage(head), seller) ? head : undefined
  }
  const statement = judging.lookup.record(value.because as RecordId)
  const fits = statement?.author === acceptance.seller && statement.document === 'pool'
  return fits ? { time: statement.time, hash: partsOfRecordId(statement.id).hash } : undefined
}

/** Whether the record that is named proves that the seller signed two pasts. */
function provesLie(value: Value, seller: SocietyKey, judging: Judging): boolean {
  if (value.because === undefined) return false
  const outcome = judging.lookup.record(value.because)?.outcome
  return outcome?.type === 'report' && outcome.society === seller
}

/** Whether the statement declines this acceptance or cancels its offer. */
function refuses(value: Value, offer: RecordId, judging: Judging): boolean {
  if (value.because === undefined) return false
  const outcome = judging.lookup.record(value.because)?.outcome
  if (outcome?.type === 'decline') return outcome.acceptance === value.acceptance
  return outcome?.type === 'cancel' && outcome.ended === offer
}

function acceptanceFault(
  state: PoolState,
  id: RecordId,
  value: Value,
  judging: Judging,
): Fault | null {
  const { author, outcome } = named(judging, id, 'acceptance')
  if (author !== judging.author) {
    return fault('not-authorised', 'the acceptance is another society’s', id)
  }
  if (provesLie(value, outcome.seller, judging)) {
    return state.acceptances.has(id) ? null : fault('already-ended', 'the acceptance has ended', id)
  }
  const stated = sellerStatement(value, outcome, judging)
  if (stated === undefined) {
    return fault('not-authorised', 'name a statement of the seller about its pool', id)
  }
  if (stated.time > judging.time) {
    return fault('clock-backwards', 'dated before the head that it carries', id)
  }
  if (stated.time <= outcome.offerExpiresAt && !refuses(value, outcome.offer, judging)) {
    return fault('not-authorised', 'the statement neither refuses nor is after the offer', id)
  }
  if (!state.acceptances.has(id)) return fault('already-ended', 'the acceptance has ended', id)
  return settledBy(outcome.seller, id, stated.hash, judging)
}

/** A settlement counts up to the named statement only: not every node knows more of the seller. */
function settledBy(
  seller: SocietyKey,
  acceptance: RecordId,
  upTo: string,
  judging: Judging,
): Fault | null {
  const decision = judging.lookup.endOf(seller, acceptance, upTo)
  const decided = decision === undefined ? undefined : judging.lookup.record(decision)
  return decided?.outcome?.type === 'settlement'
    ? fault('already-ended', 'the seller has settled; claim it', decision)
    : null
}

/** `trade.cancel`: ends one's own offer, or one's acceptance after the seller would not settle. */
export const tradeCancel: RecordKind = poolKind(
  'trade.cancel',
  {
    offer: optional(reference('trade.offer')),
    acceptance: optional(reference('trade.accept')),
    because: optional(reference()),
    head: optional(bytes(signedHeadBytes)),
  },
  {
    shape(value) {
      if ((value.offer === undefined) === (value.acceptance === undefined)) {
        return fault('malformed', 'name one offer or one acceptance')
      }
      if (value.head !== undefined && decodeSignedHead(value.head) === undefined) {
        return fault('malformed', 'head must be a signed head of 145 bytes')
      }
      const reasons = [value.because, value.head].filter((reason) => reason !== undefined).length
      return reasons === (value.offer === undefined ? 1 : 0)
        ? null
        : fault('malformed', 'an acceptance, and only that, is cancelled because of something')
    },
    check(state, value, judging) {
      if (value.offer !== undefined) return offerFault(state, value.offer, judging)
      return acceptanceFault(state, value.acceptance as RecordId, value, judging)
    },
    apply(state, value, judging) {
      if (value.offer !== undefined) {
        endOffer(state, value.offer)
        judging.end(value.offer)
        return { type: 'cancel', ended: value.offer }
      }
      const id = value.acceptance as RecordId
      const due = state.acceptances.get(id)?.due ?? 0
      state.acceptances.delete(id)
      state.adpEscrowed -= due
      state.pool += due
      judging.end(id)
      return { type: 'cancel', ended: id }
    },
  },
)
