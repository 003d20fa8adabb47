import {
  datedAheadMsMax,
  drawMessage,
  valueBytesMax,
  type Draw,
  type Judged,
  type RecordId,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import { given, readAnswer, refused } from '../answer.ts'
import type { Proven } from '../claims/choice.ts'
import { Failure } from '../failure.ts'
import { witnessQuestionsMax } from '../limits.ts'
import type { Claimed, Measurement, PeerName, Sight, Signer } from '../ports.ts'
import { protocols } from '../protocols.ts'
import type { Disowned } from '../work/disowned.ts'
import { Asker, type AskerParts, type Shown } from './asker.ts'
import { answerForReceipts } from './counterparty.ts'
import type { LookPlan } from './look.ts'
import { Looker, type LookerParts } from './looker.ts'
import {
  decodeMeasurement,
  decodePass,
  decodeWitnessQuestion,
  encodeMeasurement,
  encodePass,
  encodeWitnessQuestion,
  nonceIn,
} from './messages.ts'
import { ReceiptsLook, type ReceiptsLookParts } from './receipts-look.ts'

/** How a node takes part in witnessing. */
export type WitnessOptions = {
  readonly examiner: AskerParts['examiner']
  readonly plan: LookPlan
  /** Whether this node looks at the sources of others. */
  readonly looks: boolean
  /** Whether it asks for witnesses of its own by itself. */
  readonly asks: boolean
}

/** What witnessing needs of the node; without options it draws for others, and nothing else. */
export type WitnessingParts = Omit<
  AskerParts & LookerParts & ReceiptsLookParts,
  'examiner' | 'plan' | 'askAgain' | 'askPass' | 'receipts' | 'disowned'
> & {
  readonly signer: Signer
  readonly disowned: Disowned
  readonly societyOf: (peer: PeerName) => SocietyKey | undefined
  readonly options: WitnessOptions | undefined
}

const minuteMs = 60_000

/** All that a node has to do with witnesses: draws, asks, looks, answers nonces. */
export class Witnessing {
  readonly #parts: WitnessingParts
  readonly #asker: Asker | undefined
  readonly #looker: Looker | undefined
  /** Questions of each peer in the present minute. */
  readonly #questions: Map<PeerName, number> = new Map()
  #minuteEndsAt = 0

  constructor(parts: WitnessingParts) {
    this.#parts = parts
    const { options } = parts
    if (options === undefined) return
    const { examiner, plan } = options
    if (options.asks) this.#asker = new Asker({ ...parts, examiner })
    if (!options.looks) return
    const askAgain = (claimed: Claimed, nonce: string): Promise<Sight> =>
      this.#askAgain(claimed, nonce)
    const receipts = new ReceiptsLook(parts)
    const askPass = (peer: PeerName, proof: RecordId): Promise<string> => this.#askPass(peer, proof)
    this.#looker = new Looker({ ...parts, examiner, plan, askAgain, askPass, receipts })
  }

  /** Answers other nodes' questions. */
  serve(): void {
    const { network } = this.#parts
    network.serve(protocols.measure, async (peer, body) => {
      try {
        return await this.#answer(peer, body)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        return refused(error)
      }
    })
  }

  /** Begins to ask for witnesses of one's own. */
  start(): void {
    this.#asker?.start()
  }

  /** Asks no more. */
  stop(): void {
    this.#asker?.stop()
  }

  /** Takes notice of a record. */
  accepted(record: Judged): void {
    this.#asker?.accepted(record)
  }

  /** A peer is there. */
  connected(peer: PeerName): void {
    const society = this.#parts.societyOf(peer)
    if (society !== undefined) this.#asker?.connected(society)
  }

  /** A measurement was proven: keeps the ways to answer witnesses of it, where there are any. */
  proven(proof: RecordId, measurement: Measurement): void {
    this.#asker?.remember(proof, measurement)
  }

  /**
   * How the source of an own proof was measured, for a node that may look at it through this one:
   * one of a society that was asked and has not spoken. Fails with `not-authorised`.
   */
  shownTo(proof: RecordId, peer: PeerName): Shown {
    const society = this.#parts.societyOf(peer)
    const shown = society && this.#asker?.shownTo(proof, society)
    if (shown !== undefined) return shown
    throw new Failure('not-authorised', 'only a witness that was asked may look, and not for long')
  }

  /** Who may witness a proof, in order, and who may draw them if that is by lot. */
  async choice(
    proof: RecordId,
    draw: Draw | null,
  ): Promise<{ readonly chosen: readonly SocietyKey[]; readonly drawers: readonly SocietyKey[] }> {
    const { choice } = this.#parts.claims
    const proven = await this.#provenBy(proof)
    const drawers = choice.isDrawn(proven) ? choice.drawers(proven) : []
    return { chosen: choice.chosen(proven, draw), drawers }
  }

  /** This society's draw of the witnesses of a proof. Fails with `not-authorised`. */
  async draw(proof: RecordId): Promise<Uint8Array> {
    const { claims, signer, self } = this.#parts
    const proven = await this.#provenBy(proof)
    if (!claims.choice.drawers(proven).includes(self)) {
      throw new Failure('not-authorised', 'this society is not among those that may draw')
    }
    return signer.sign(drawMessage(proof))
  }

  async #provenBy(proof: RecordId): Promise<Proven> {
    const { author, time } = await this.#proof(proof)
    return { proof, prover: author, provenAt: time }
  }

  async #proof(id: RecordId): Promise<Recorded> {
    const record = await this.#parts.index.record(id)
    if (record?.outcome?.type === 'proof') return record
    throw new Failure('unknown-reference', 'that proof is not known here')
  }

  async #answer(peer: PeerName, body: Uint8Array): Promise<Uint8Array> {
    this.#count(peer)
    const society = this.#parts.societyOf(peer)
    if (society === undefined) throw new Failure('unknown-society', 'this node is no member’s')
    const question = decodeWitnessQuestion(body)
    if (question === undefined) throw new Failure('malformed', 'that is no question')
    if (question.type === 'again') return this.#answerAgain(peer, question)
    if (question.type === 'pass') return this.#answerPass(peer, question.proof)
    const proof = await this.#proof(question.proof)
    if (question.type === 'stand') {
      return answerForReceipts(this.#parts, society, proof, question)
    }
    if (proof.author !== society) {
      throw new Failure('not-authorised', 'only its author asks for witnesses of a proof')
    }
    if (question.type === 'draw') return given(await this.draw(question.proof))
    if (this.#looker === undefined) {
      throw new Failure('not-authorised', 'this node does not look at the sources of others')
    }
    return this.#looker.take(peer, proof, question)
  }

  /** Counts a question against what one peer may ask; throws where it is one too many. */
  #count(peer: PeerName): void {
    const { clock, network } = this.#parts
    const now = clock.now()
    if (now >= this.#minuteEndsAt) {
      this.#questions.clear()
      this.#minuteEndsAt = now + minuteMs
    }
    const asked = (this.#questions.get(peer) ?? 0) + 1
    this.#questions.set(peer, asked)
    if (asked <= witnessQuestionsMax) return
    network.penalise(peer, 'rate-limited')
    throw new Failure('rate-limited', `${witnessQuestionsMax} questions a minute; wait`)
  }

  async #answerAgain(
    peer: PeerName,
    question: { readonly proof: RecordId; readonly nonce: string },
  ): Promise<Uint8Array> {
    this.shownTo(question.proof, peer)
    const again = this.#asker?.waysOf(question.proof).again
    if (again === undefined) {
      const message = 'this node measures nothing for others until it has measured again itself'
      throw new Failure('source-unavailable', message)
    }
    return given(encodeMeasurement(await again(question.nonce)))
  }

  async #answerPass(peer: PeerName, proof: RecordId): Promise<Uint8Array> {
    this.shownTo(proof, peer)
    const pass = this.#asker?.waysOf(proof).pass
    if (pass === undefined) {
      const message = 'this node has no pass to hand over until it has measured again itself'
      throw new Failure('source-unavailable', message)
    }
    return given(encodePass(await pass()))
  }

  /** Has the claimant's node hand over what lets this one ask a server. */
  async #askPass(peer: PeerName, proof: RecordId): Promise<string> {
    const body = encodeWitnessQuestion({ type: 'pass', proof })
    const answer = await this.#parts.network.request(peer, protocols.measure, body)
    const read = readAnswer(answer, 'the claimant')
    if (read instanceof Failure) throw read
    const pass = decodePass(read)
    if (pass !== undefined) return pass
    throw new Failure('malformed', 'what the claimant’s node hands over is no pass')
  }

  /** Has the claimant's node measure again under a nonce. */
  async #askAgain({ peer, proof }: Claimed, nonce: string): Promise<Sight> {
    const { network, clock } = this.#parts
    const began = clock.now()
    const body = encodeWitnessQuestion({ type: 'again', proof, nonce })
    const answer = readAnswer(await network.request(peer, protocols.measure, body), 'the claimant')
    if (answer instanceof Failure) throw answer
    const measurement = decodeMeasurement(answer)
    if (measurement === undefined || measurement.transcript.length > valueBytesMax) {
      throw new Failure('malformed', 'what the claimant’s node answers is no measurement')
    }
    const { measuredAt, transcript } = measurement
    const isOld = measuredAt < began - datedAheadMsMax || measuredAt > began + datedAheadMsMax
    if (nonceIn(transcript) !== nonce || isOld) {
      throw new Failure('proof-stale', 'the claimant’s answer was made for another question')
    }
    return { path: 'node', measurement }
  }
}
