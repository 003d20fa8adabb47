import {
  bytesOfKey,
  didOf,
  standingMessage,
  type Recorded,
  type RecordId,
  type SocietyKey,
  type Standing,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { counterpartiesAskedMax, receiptsAskedMax } from '../limits.ts'
import type { Claimed, Measurement, Sight, Verifier } from '../ports.ts'
import { citizensOf } from '../view/kinship.ts'
import { attestedHours, counterpartiesMin, receiptWindowMs } from '../work/attested-hours.ts'
import type { AttestedHours } from '../work/attested-hours.ts'
import type { Disowned } from '../work/disowned.ts'
import { handsKeyDigits, metabolicWatts, receiptsMethod } from '../work/receipts.ts'
import { receiptsSince, type Receipt, type ReceiptSources } from '../work/receipts.ts'
import { askSociety, type AskSocietyParts } from './ask-society.ts'
import { judgeHands } from './judge-hands.ts'
import type { Judgement } from './judge.ts'
import { decodeStanding } from './messages.ts'

/** What looking at work by hand asks of the node. */
export type ReceiptsLookParts = ReceiptSources &
  AskSocietyParts & {
    readonly self: SocietyKey
    readonly verifier: Verifier
    readonly sha256: (bytes: Uint8Array) => string
    readonly disowned: Pick<Disowned, 'standsBy'>
  }

/** What those whom somebody worked for say of their receipts, and what is made of it. */
export type HandsSeen = { readonly sight: Sight; readonly judgement: Judgement }

/** The words of one counterparty that has answered; the signature in hex, none of one's own. */
type Word = {
  readonly society: SocietyKey
  readonly said: readonly Standing[]
  readonly signature: string | null
}

const encoder = new TextEncoder()
const hourMs = 3_600_000

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Ids that a claimant's transcript names, so far as it is one. */
function idsNamed(transcript: Uint8Array): readonly string[] {
  try {
    const told: unknown = JSON.parse(new TextDecoder().decode(transcript))
    const exchanges: unknown = Reflect.get(Object(told), 'exchanges')
    return Array.isArray(exchanges)
      ? exchanges.flatMap((each: unknown): readonly string[] => {
          const id: unknown = Reflect.get(Object(each), 'id')
          return typeof id === 'string' ? [id] : []
        })
      : []
  } catch {
    return []
  }
}

/** Puts ids into an order that nobody knows before the nonce is drawn. */
function drawn<T>(
  list: readonly T[],
  nonce: string,
  idOf: (each: T) => string,
  sha256: ReceiptsLookParts['sha256'],
): readonly T[] {
  const ranked = list.map((each) => ({ each, rank: sha256(encoder.encode(nonce + idOf(each))) }))
  return ranked.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ each }) => each)
}

/**
 * A witness's own look at work by hand: what its ledgers make of the receipts of then, and what
 * those who signed them for the work say of them now, asked of their own nodes.
 */
export class ReceiptsLook {
  readonly #parts: ReceiptsLookParts

  constructor(parts: ReceiptsLookParts) {
    this.#parts = parts
  }

  /**
   * Looks at the receipts of a proof. Fails with `unknown-reference` where some that it names are
   * not held here, `peer-unavailable` where too few of those who signed them answer: that is no
   * word against it.
   */
  async look(proof: Recorded, { transcript }: Claimed, nonce: string): Promise<HandsSeen> {
    const { outcome, author } = proof
    if (outcome?.type !== 'proof') throw new TypeError('only proofs are looked at')
    const receipts = await this.#receiptsOf(proof, outcome.measuredAt)
    const held = new Set<string>(receipts.map(({ id }) => id))
    const isWhole = idsNamed(transcript).every((id) => held.has(id))
    if (!isWhole) {
      throw new Failure('unknown-reference', 'not all receipts that it names are held here yet')
    }
    const own = receipts.filter((each) => each.worker === author && each.beneficiary !== author)
    const attested = this.#attested(author, receipts, outcome.measuredAt)
    const words =
      attested instanceof Failure ? [] : await this.#ask(proof.id, author, own, attested, nonce)
    const source = `human:receipts:${author.slice(0, handsKeyDigits)}`
    const judgement = judgeHands({
      source: { claimed: outcome.source, seen: source },
      milliwattHours: outcome.dailyEnergy,
      attested,
      words: words.map(({ society, said }) => ({ society: didOf(society), said })),
    })
    return {
      sight: { path: 'direct', measurement: this.#told(source, attested, words) },
      judgement,
    }
  }

  /** All receipts that were recorded when a proof was measured, of its author and its partners. */
  async #receiptsOf({ author }: Recorded, at: number): Promise<readonly Receipt[]> {
    const since = at - receiptWindowMs
    const own = await receiptsSince(this.#parts, new Set([author]), since)
    const others = new Set(own.map(({ beneficiary }): SocietyKey => beneficiary))
    others.delete(author)
    const all = [...own, ...(await receiptsSince(this.#parts, others, since))]
    const times = await Promise.all(all.map(({ id }) => this.#parts.index.record(id)))
    return all.filter((_, i) => (times[i]?.time ?? Infinity) <= at)
  }

  /** What these receipts attest; a failure where they attest nothing. */
  #attested(author: SocietyKey, receipts: readonly Receipt[], at: number): AttestedHours | Failure {
    try {
      const citizens = citizensOf(this.#parts.held, author, at)
      return attestedHours(author, receipts, { citizens, now: at })
    } catch (error) {
      if (error instanceof Failure) return error
      throw error
    }
  }

  /** Asks those whose word counts; fails where too few of them say anything. */
  async #ask(
    proof: RecordId,
    worker: SocietyKey,
    receipts: readonly Receipt[],
    { counterparties }: AttestedHours,
    nonce: string,
  ): Promise<readonly Word[]> {
    const { sha256, self } = this.#parts
    const counting = counterparties.filter(({ workedMs, halves }) => workedMs > 0 && halves > 0)
    const inTurn = drawn(counting, nonce, ({ society }) => society, sha256)
    const words = await Promise.all(
      inTurn.slice(0, counterpartiesAskedMax).map(async ({ society }) => {
        const theirs = receipts.filter(({ beneficiary }) => beneficiary === society)
        const picked = drawn(theirs, nonce, ({ id }) => id, sha256).slice(0, receiptsAskedMax)
        const ids = picked.map(({ id }) => id)
        return society === self
          ? this.#ownWord(worker, ids)
          : this.#wordOf(society, proof, nonce, ids)
      }),
    )
    const answered = words.filter((word) => word !== undefined)
    const isDenied = answered.some(({ said }) => said.some(({ stands }) => !stands))
    if (isDenied || answered.length >= counterpartiesMin) return answered
    throw new Failure(
      'peer-unavailable',
      `${answered.length} of those whom it worked for answer, and ${counterpartiesMin} are needed`,
    )
  }

  /** This society's own word, by its own books. */
  async #ownWord(worker: SocietyKey, receipts: readonly RecordId[]): Promise<Word> {
    const { disowned, self } = this.#parts
    const said = await Promise.all(
      receipts.map(async (receipt) => {
        return { receipt, stands: await disowned.standsBy(receipt, worker) }
      }),
    )
    return { society: self, said, signature: null }
  }

  /** Another's word, signed for this very question; undefined where there is none. */
  async #wordOf(
    society: SocietyKey,
    proof: RecordId,
    nonce: string,
    receipts: readonly RecordId[],
  ): Promise<Word | undefined> {
    const answer = await askSociety(this.#parts, society, { type: 'stand', proof, nonce, receipts })
    if (answer instanceof Failure) return undefined
    const read = decodeStanding(answer, receipts.length)
    if (read === undefined) return undefined
    const said = receipts.map((receipt, i) => ({ receipt, stands: read.said[i] === true }))
    const message = standingMessage(proof, nonce, said)
    const isSigned = this.#parts.verifier.verify(read.signature, message, bytesOfKey(society))
    return isSigned ? { society, said, signature: hexOf(read.signature) } : undefined
  }

  /** What was seen, as a measurement of this witness's own. */
  #told(source: string, attested: AttestedHours | Failure, words: readonly Word[]): Measurement {
    const hours = attested instanceof Failure ? 0 : attested.creditedMs / hourMs
    const told = words.map(({ society, ...word }) => ({ society: didOf(society), ...word }))
    return {
      source,
      fields: { metabolic: metabolicWatts, hours: Math.floor(hours * 100) / 100 },
      measuredAt: this.#parts.clock.now(),
      method: receiptsMethod,
      transcript: encoder.encode(JSON.stringify({ version: 1, words: told })),
      simulated: false,
    }
  }
}
