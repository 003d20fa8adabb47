import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { allOf, encodeJson, jsonUnder, keys } from '../ledger/layout.ts'
import type { Clock } from '../ports.ts'
import { receiptWindowMs, refuseBesides } from './attested-hours.ts'
import { receiptsSince, type ReceiptSources } from './receipts.ts'
import type { Span } from './spans.ts'

/** What judging hours that a society is asked to sign for asks of its node. */
export type SignedHoursParts = ReceiptSources & {
  readonly self: SocietyKey
  readonly clock: Clock
}

/** Hours at which a society has signed to have worked, for a ticket of another's. */
type Signed = Span & {
  readonly ticket: RecordId
  /** Whose ticket it is. */
  readonly author: SocietyKey
}

/** A ticket, whose it is, and when it is said to have been worked on, in ms since 1970. */
export type HoursAsked = Signed

/**
 * The hours for which a society has signed as worker: who signs for one hour twice, or for more
 * than anybody can work, cannot prove its work for a week.
 *
 * 1. Hours are on disk before their signature leaves the node: an asker may show it later.
 * 2. Those of a ticket that has ended are in its completion, or count for nothing.
 */
export class SignedHours {
  readonly #parts: SignedHoursParts
  #signed: Promise<Map<RecordId, Signed>> | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: SignedHoursParts) {
    this.#parts = parts
  }

  /**
   * Notes hours that are about to be signed for, one after the other. Fails with
   * `implausible-proof` for those that nobody can have worked beside what is signed already.
   */
  note(asked: HoursAsked): Promise<void> {
    const noted = this.#turn.then(() => this.#note(asked))
    this.#turn = noted.catch(() => {})
    return noted
  }

  async #note(asked: HoursAsked): Promise<void> {
    const { self, clock, store, held } = this.#parts
    const { ticket } = asked
    const signed = await (this.#signed ??= this.#load())
    const since = clock.now() - receiptWindowMs
    const receipts = await receiptsSince(this.#parts, new Set([self]), since)
    const worked = receipts
      .filter((each) => each.ticket !== ticket && each.beneficiary !== self)
      .map(({ started, finished }) => ({ start: started, end: finished }))
    const open = [...signed.values()].filter(
      (each) => each.ticket !== ticket && held.pool(each.author).tickets.has(each.ticket),
    )
    refuseBesides(asked, [...worked, ...open])
    // Of two words about one ticket the ledger takes one, and nobody knows which.
    const before = signed.get(ticket)
    const start = Math.min(asked.start, before?.start ?? asked.start)
    const end = Math.max(asked.end, before?.end ?? asked.end)
    const now = { ...asked, start, end }
    const old = [...signed.values()].filter((each) => each.end <= since)
    const forgotten = old.map((each) => ({ key: keys.signedHours(each.ticket) }))
    const kept = { key: keys.signedHours(ticket), value: encodeJson(now) }
    await store.write([...forgotten, kept], { sync: true })
    for (const each of old) signed.delete(each.ticket)
    signed.set(ticket, now)
  }

  async #load(): Promise<Map<RecordId, Signed>> {
    const signed = new Map<RecordId, Signed>()
    for await (const each of jsonUnder(this.#parts.store, allOf('signedHours'))) {
      signed.set((each as Signed).ticket, each as Signed)
    }
    return signed
  }
}
