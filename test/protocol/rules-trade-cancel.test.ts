import { describe, expect, test } from 'vitest'
import { encodeSignedHead, headMessage, type Code } from '../../protocol/index.ts'
import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { assertSame, refold } from '../support/ledger-history.ts'
import { markerSignature, Replica } from '../support/ledger-replica.ts'
import { charged, codeOf, foundedWorld } from '../support/ledger-society.ts'
import { keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [seller, buyer, third] = [keyNamed('seller'), keyNamed('buyer'), keyNamed('third')]
const day = 86_400_000

type Trade = {
  readonly w: LedgerWorld
  readonly offer: RecordId
  readonly acceptance: RecordId
}

/** An offer of 60 ATP for a day, accepted whole. */
const trade = (): Trade => {
  const w = foundedWorld([seller, buyer, third], { policy: { minimumOccupancy: 0 } })
  charged(w, seller, 100_000)
  const offer = w.valid(seller, 'trade.offer', { amount: 60_000, price: 1_000, expires: day })
  const acceptance = w.valid(buyer, 'trade.accept', { offer, amount: 60_000 })
  return { w, offer, acceptance }
}

/** What a society says of where its pool stands. */
const headOf = (w: LedgerWorld, author: SocietyKey, fields: object = {}): Uint8Array => {
  const { seq, head } = w.replica.pool(author).chain
  const statement = { author, document: 'pool', seq, hash: head!, time: w.now } as const
  const claimed = { ...statement, ...fields }
  return encodeSignedHead({
    head: claimed,
    signature: markerSignature(headMessage(claimed), author),
  })
}

/** Some record of a society that decides nothing. */
const word = (w: LedgerWorld, by: SocietyKey): RecordId =>
  w.valid(by, 'work.request', { to: third, amount: 1 })

const cancelCode = (w: LedgerWorld, fields: object, by: SocietyKey = buyer): Code | null =>
  codeOf(w, by, 'trade.cancel', fields)

describe('the cancel of an offer (R54)', () => {
  test('is the seller’s, once, while it is open', () => {
    const { w, offer } = trade()
    expect(cancelCode(w, { offer })).toBe('not-authorised')
    expect(cancelCode(w, { offer, because: offer }, seller)).toBe('malformed')
    const cancelled = w.copy()
    cancelled.valid(seller, 'trade.cancel', { offer })
    expect(cancelCode(cancelled, { offer }, seller)).toBe('offer-closed')
    expect(cancelled.replica.pool(seller)).toMatchObject({ available: 100_000, escrowed: 0 })
    w.now += day
    expect(cancelCode(w, { offer }, seller)).toBe(null)
    w.now += 1
    expect(cancelCode(w, { offer }, seller)).toBe('offer-closed')
  })
})

describe('the cancel of an acceptance (R54)', () => {
  test('names one offer or one acceptance, and why', () => {
    const { w, offer, acceptance } = trade()
    const because = word(w, seller)
    const head = headOf(w, seller)
    expect(cancelCode(w, {})).toBe('malformed')
    expect(cancelCode(w, { offer, acceptance, because })).toBe('malformed')
    expect(cancelCode(w, { acceptance })).toBe('malformed')
    expect(cancelCode(w, { acceptance, because, head })).toBe('malformed')
    expect(cancelCode(w, { acceptance, head: head.subarray(1) })).toBe('malformed')
    expect(cancelCode(w, { acceptance, head: head.fill(2, 32, 33) })).toBe('malformed')
  })

  test('may name a decline of it or a cancel of its offer at once', () => {
    for (const kind of ['trade.decline', 'trade.cancel']) {
      const { w, offer, acceptance } = trade()
      const other = w.valid(buyer, 'trade.accept', { offer, amount: 1 })
      const named = kind === 'trade.cancel' ? { offer } : { acceptance }
      const because = w.valid(seller, kind, named)
      expect(cancelCode(w, { acceptance, because }, third)).toBe('not-authorised')
      const forOther = cancelCode(w, { acceptance: other, because })
      expect(forOther).toBe(kind === 'trade.cancel' ? null : 'not-authorised')
      w.valid(buyer, 'trade.cancel', { acceptance, because })
      expect(w.replica.pool(buyer)).toMatchObject({ pool: 9_999_999, adpEscrowed: 1 })
      expect(cancelCode(w, { acceptance, because })).toBe('already-ended')
    }
  })

  test('may name any record of the seller’s pool dated after the offer, valid or void', () => {
    const { w, acceptance } = trade()
    w.now += day
    const inTime = word(w, seller)
    w.now += 1
    const late = word(w, seller)
    const voided = w.put(seller, 'work.allocate', { amount: 1e9, worker: third, deadline: 1 }).id
    const trust = w.valid(seller, 'federation.join', { federation: 'test-rules' })
    const hers = word(w, third)
    const code = (because: RecordId): Code | null => cancelCode(w, { acceptance, because })
    expect(code(inTime)).toBe('not-authorised')
    expect(code(late)).toBe(null)
    expect(code(voided)).toBe(null)
    expect(code(trust)).toBe('not-authorised')
    expect(code(hers)).toBe('not-authorised')
  })

  test('may carry a head that the seller signed after the offer', () => {
    const { w, acceptance } = trade()
    const { offerExpiresAt } = w.replica.pool(buyer).acceptances.get(acceptance)!
    w.now += 2 * day
    const code = (head: Uint8Array): Code | null => cancelCode(w, { acceptance, head })
    expect(code(headOf(w, seller, { time: offerExpiresAt }))).toBe('not-authorised')
    expect(code(headOf(w, seller, { time: offerExpiresAt + 1 }))).toBe(null)
    expect(code(headOf(w, seller, { seq: 2 }))).toBe('not-authorised')
    expect(code(headOf(w, seller, { document: 'trust' }))).toBe('not-authorised')
    expect(code(headOf(w, buyer))).toBe('not-authorised')
    expect(code(headOf(w, seller).fill(0, 100))).toBe('not-authorised')
    expect(code(headOf(w, seller, { time: w.now }))).toBe(null)
    expect(code(headOf(w, seller, { time: w.now + 1 }))).toBe('clock-backwards')
  })

  test('comes not after a settlement that the named statement knew', () => {
    const { w, acceptance } = trade()
    const before = word(w, seller)
    const settlement = w.valid(seller, 'trade.settle', { acceptance })
    w.now += day + 1
    const code = cancelCode(w, { acceptance, because: word(w, seller) })
    expect(code).toBe('already-ended')
    expect(cancelCode(w, { acceptance, because: before })).toBe('not-authorised')
    expect(cancelCode(w, { acceptance, head: headOf(w, seller) })).toBe('already-ended')
    w.valid(buyer, 'trade.claim', { settlement })
    expect(cancelCode(w, { acceptance, because: before })).toBe('not-authorised')
  })

  test('comes not after a settlement in the very change that it names', () => {
    const { w, offer } = trade()
    const part = w.valid(buyer, 'trade.accept', { offer, amount: 20_000 })
    const [settled, cancelled] = w.write(seller, [
      ['trade.settle', { acceptance: part }],
      ['trade.cancel', { offer }],
    ])
    expect([settled?.void, cancelled?.void]).toEqual([null, null])
    const because = cancelled!.id
    expect(cancelCode(w, { acceptance: part, because })).toBe('already-ended')
  })

  test('is judged alike whether or not a later settlement is known (R68, R69)', () => {
    const { w, acceptance } = trade()
    // A lie: the seller says that a day has passed, and settles as of today nevertheless.
    const head = headOf(w, seller, { time: w.now + day + 1 })
    w.valid(seller, 'trade.settle', { acceptance })
    w.now += day + 1
    expect(w.code(buyer, 'trade.cancel', { acceptance, head })).toBe(null)
    const [settlement] = w.replica.valid('settlement')
    const late = w.code(buyer, 'trade.claim', { settlement: settlement!.id })
    expect(late).toBe('already-ended')
    const ignorant = new Replica(w.societies)
    const last = w.written.findLast(({ records }) => records[0]?.kind === 'trade.settle')
    const inOrder = w.written.filter((written) => written !== last && written !== w.written.at(-1))
    for (const { bytes } of inOrder) ignorant.deliver(bytes)
    expect(ignorant.pool(buyer).acceptances.size).toBe(0)
    for (let order = 0; order < 20; order++) assertSame(w, refold(w, order))
  })
})
