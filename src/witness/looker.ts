import {
  drawMessage,
  bytesOfKey,
  type Draw,
  type RecordId,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import { given } from '../answer.ts'
import type { Claims } from '../claims/claims.ts'
import { Failure } from '../failure.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import {
  looksAtOnceMax,
  looksPerClaimantMax,
  rateWindowMs,
  sampleMsMax,
  sampleRetryMs,
  witnessAnswerMs,
  witnessedWithinMs,
} from '../limits.ts'
import type { Claimed, Log, PeerName, Verifier } from '../ports.ts'
import { attestationOf, lookAt, type LookParts, type LookResult } from './look.ts'
import type { WitnessQuestion } from './messages.ts'

/** What a witness needs of its node. */
export type LookerParts = LookParts & {
  readonly held: DocumentsHeld
  readonly claims: Claims
  readonly verifier: Verifier
  readonly log: Log
  readonly sha256: (bytes: Uint8Array) => string
  /** Has a claimant's node hand over what lets this one ask a server. */
  readonly askPass: (peer: PeerName, proof: RecordId) => Promise<string>
  readonly write: (kind: string, given: unknown) => Promise<RecordId>
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

type LookQuestion = Extract<WitnessQuestion, { type: 'look' }>

/** Longest time that the look of a plan takes, in ms. */
function longestMs({ samples, gapMs }: LookParts['plan']): number {
  return samples * (2 * sampleMsMax + sampleRetryMs) + (samples - 1) * gapMs
}

/**
 * This node as a witness: says whether it will look, looks, and signs what it saw.
 *
 * Invariants: one look a proof at a time; no more than `looksAtOnceMax` at all, and no more than
 * `looksPerClaimantMax` in an hour for one society; nothing is signed that was not seen.
 */
export class Looker {
  readonly #parts: LookerParts
  readonly #underWay: Map<RecordId, Promise<LookResult>> = new Map()
  /** When looks for each claimant began, oldest first. */
  readonly #begun: Map<SocietyKey, readonly number[]> = new Map()

  constructor(parts: LookerParts) {
    this.#parts = parts
  }

  /**
   * Answers a question to look: with how long it takes yet, in ms. Throws the refusal, or why the
   * source could not be seen where that shows at once.
   */
  async take(peer: PeerName, proof: Recorded, question: LookQuestion): Promise<Uint8Array> {
    const claimed = this.#check(peer, proof, question)
    let look = this.#underWay.get(proof.id)
    if (look === undefined) {
      this.#count(proof.author)
      look = this.#look(proof, claimed, question.draw)
      this.#underWay.set(proof.id, look)
      const forget = (): boolean => this.#underWay.delete(proof.id)
      look.then(forget, forget)
    }
    const { clock, plan } = this.#parts
    const late = new Promise<undefined>((resolve) => {
      clock.after(witnessAnswerMs, () => resolve(undefined))
    })
    const isOver = (await Promise.race([look, late])) !== undefined
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, isOver ? 0 : longestMs(plan))
    return given(bytes)
  }

  /** What is to be looked at, if this node looks at it; throws the refusal. */
  #check(peer: PeerName, proof: Recorded, question: LookQuestion): Claimed {
    const { held, clock, claims, self, sha256 } = this.#parts
    const { outcome, author } = proof
    if (outcome?.type !== 'proof') throw new Failure('unknown-reference', 'that is no proof')
    if (outcome.assurance < 1) throw new Failure('unverified-source', 'the source is only claimed')
    const source = held.trust(author).sources.get(outcome.source)
    const now = clock.now()
    const isOld = now >= outcome.staleAt || now > outcome.measuredAt + witnessedWithinMs
    if (isOld || source?.proof !== proof.id || source.retired !== null) {
      throw new Failure('proof-stale', 'measured too long ago, replaced or retired; measure again')
    }
    this.#checkDraw(question)
    const proven = { proof: proof.id, prover: author, provenAt: proof.time }
    if (!claims.choice.isChosen(self, proven, question.draw)) {
      throw new Failure('not-authorised', 'this society is not chosen as a witness of that proof')
    }
    if (held.trust(self).attested.has(proof.id)) {
      throw new Failure('already-ended', 'this society has said what it saw')
    }
    if (source.evidence !== sha256(question.transcript)) {
      throw new Failure('malformed', 'the transcript is not the one whose digest the proof has')
    }
    const { transcript } = question
    let asked: Promise<string> | undefined
    // One pass does for all samples of a look.
    const pass = (): Promise<string> => (asked ??= this.#parts.askPass(peer, proof.id))
    return { proof: proof.id, source: source.id, method: source.method, peer, transcript, pass }
  }

  #checkDraw({ draw, proof }: LookQuestion): void {
    if (draw === null) return
    const signature = Uint8Array.from(draw.signature.match(/../g) ?? [], (pair) =>
      Number.parseInt(pair, 16),
    )
    if (!this.#parts.verifier.verify(signature, drawMessage(proof), bytesOfKey(draw.by))) {
      throw new Failure('bad-signature', 'the draw is not signed by who is said to have drawn it')
    }
  }

  /** Counts a look that is to begin; throws where it would be one too many. */
  #count(claimant: SocietyKey): void {
    const now = this.#parts.clock.now()
    if (this.#underWay.size >= looksAtOnceMax) {
      throw new Failure('rate-limited', `${looksAtOnceMax} looks are under way here; ask later`)
    }
    for (const [society, times] of this.#begun) {
      const kept = times.filter((at) => at > now - rateWindowMs)
      if (kept.length === 0) this.#begun.delete(society)
      else this.#begun.set(society, kept)
    }
    const begun = this.#begun.get(claimant) ?? []
    if (begun.length >= looksPerClaimantMax) {
      throw new Failure('rate-limited', `${looksPerClaimantMax} looks an hour for one society`)
    }
    this.#begun.set(claimant, [...begun, now])
  }

  async #look(proof: Recorded, claimed: Claimed, draw: Draw | null): Promise<LookResult> {
    const { log, emit, sha256, write } = this.#parts
    try {
      const result = await lookAt(this.#parts, proof, claimed)
      const { verdict, level, path, reason, transcript } = result
      const digest = sha256(transcript)
      const attest = attestationOf(proof.id, result, draw, digest)
      const record = await write('energy.attest', attest)
      await write('energy.evidence', { proof: record, transcript })
      emit('witness-looked', { proof: proof.id, record, verdict, level, path, reason })
      return result
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const { code, message } = error
      log.info('witness-saw-nothing', { proof: proof.id, source: claimed.source, code, message })
      emit('witness-looked', { proof: proof.id, record: null, code, message })
      throw error
    }
  }
}
