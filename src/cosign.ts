import {
  completionMessage,
  datedAheadMsMax,
  decodeCompletion,
  decodeEndorsement,
  encodeCompletion,
  encodeEndorsement,
  endorsementMessage,
  type Completion,
  type Endorsement,
  type Recorded,
  type SocietyKey,
} from '../protocol/index.ts'
import { given, readAnswer, refused } from './answer.ts'
import { Failure } from './failure.ts'
import type { Index } from './ledger/index-of-facts.ts'
import type { Clock, Network, PeerName, Signer } from './ports.ts'
import { protocols } from './protocols.ts'
import type { Confirmations, Confirmed } from './work/confirmations.ts'
import type { SignedHours } from './work/signed-hours.ts'

/** Whether a node signs by itself what it knows of, or only what its operator has confirmed. */
export type CosignPolicy = {
  readonly worker: 'known' | 'ask'
  readonly beneficiary: 'known' | 'ask'
}

/** What co-signing needs of the node. */
export type CosignParts = {
  readonly self: SocietyKey
  readonly signer: Signer
  readonly index: Index
  readonly network: Network
  readonly clock: Clock
  readonly policy: CosignPolicy
  /** What the operator has confirmed: this node will sign just that. */
  readonly confirmations: Pick<Confirmations, 'of'>
  /** For which hours this society has signed as worker. */
  readonly hours: Pick<SignedHours, 'note'>
  /** Keys of workers that have no node of their own. */
  readonly localSigners: ReadonlyMap<SocietyKey, Signer>
  /** Connected or known nodes of a society. */
  readonly peersOf: (society: SocietyKey) => readonly PeerName[]
  /** Why this node signs nothing at present; undefined where it does. */
  readonly silence: () => Failure | undefined
  /** Why this node does not sign for a vouch; undefined where it does. */
  readonly endorsementRefusal: (endorsement: Endorsement) => Failure | undefined
}

/** How often a node is asked again that does not know the ticket yet, and the pause in ms. */
const attemptsMax = 15
const attemptPauseMs = 200
const signatureBytes = 64

/** Collects and gives signatures under completions and, of endorsers, for vouches. */
export class Cosigner {
  readonly #parts: CosignParts

  constructor(parts: CosignParts) {
    this.#parts = parts
  }

  /** Answers other nodes' questions. */
  start(): void {
    this.#parts.network.serve(protocols.cosign, (_peer, body) => this.#answer(body))
  }

  /** A society's signature under a completion: one's own at once, another's from its node. */
  async signatureOf(society: SocietyKey, completion: Completion): Promise<Uint8Array> {
    const { self, signer, localSigners } = this.#parts
    const local = society === self ? signer : localSigners.get(society)
    if (local !== undefined) return local.sign(completionMessage(completion))
    return this.#collect(society, encodeCompletion(completion))
  }

  /** Signatures of a vouch's endorsers, each from its own node, which judges the sponsor. */
  endorsements(
    endorsers: readonly SocietyKey[],
    endorsement: Endorsement,
  ): Promise<readonly Uint8Array[]> {
    const body = encodeEndorsement(endorsement)
    return Promise.all(endorsers.map((endorser) => this.#collect(endorser, body)))
  }

  async #collect(society: SocietyKey, body: Uint8Array): Promise<Uint8Array> {
    const { clock, peersOf } = this.#parts
    let last = new Failure('peer-unavailable', 'no node of that society is known here')
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      for (const peer of peersOf(society)) {
        const answer = await this.#ask(peer, body)
        if (answer instanceof Uint8Array) return answer
        last = answer
      }
      // Only what may still arrive is worth waiting for.
      if (last.code !== 'unknown-reference') break
      await new Promise<void>((resolve) => clock.after(attemptPauseMs, resolve))
    }
    throw last
  }

  async #ask(peer: PeerName, body: Uint8Array): Promise<Uint8Array | Failure> {
    try {
      const answer = await this.#parts.network.request(peer, protocols.cosign, body)
      const signature = readAnswer(answer, 'the co-signer')
      if (signature instanceof Failure || signature.length === signatureBytes) return signature
      return new Failure('malformed', 'the co-signer answers what is no signature')
    } catch (error) {
      return error instanceof Failure
        ? error
        : new Failure('peer-unavailable', 'the co-signer does not answer', { cause: error })
    }
  }

  async #answer(body: Uint8Array): Promise<Uint8Array> {
    const completion = decodeCompletion(body)
    if (completion !== undefined) {
      return this.#signed(completionMessage(completion), await this.#refusal(completion))
    }
    const endorsement = decodeEndorsement(body)
    if (endorsement === undefined) {
      return refused(new Failure('malformed', 'that is neither a completion nor an endorsement'))
    }
    const refusal = this.#parts.endorsementRefusal(endorsement)
    return this.#signed(endorsementMessage(endorsement), refusal)
  }

  #signed(message: Uint8Array, refusal: Failure | undefined): Uint8Array {
    const silence = refusal ?? this.#parts.silence()
    if (silence !== undefined) return refused(silence)
    return given(this.#parts.signer.sign(message))
  }

  async #refusal(completion: Completion): Promise<Failure | undefined> {
    const { self, index, policy, confirmations } = this.#parts
    const { ticket, worker, beneficiary, quality } = completion
    const roles = [worker === self ? 'worker' : null, beneficiary === self ? 'beneficiary' : null]
    if (roles.every((role) => role === null)) {
      return new Failure('not-authorised', 'this society is neither worker nor beneficiary')
    }
    const allocated = await index.record(ticket)
    const outcome = allocated?.outcome
    if (allocated === undefined || outcome?.type !== 'ticket') {
      return new Failure('unknown-reference', 'ticket not known yet')
    }
    if (outcome.worker !== worker) {
      return new Failure('not-authorised', 'the ticket is another worker’s')
    }
    const confirmed = await confirmations.of(ticket)
    const asks = roles.some((role) => role !== null && policy[role as 'worker'] === 'ask')
    if (asks && confirmed?.quality !== quality) {
      return new Failure(
        'not-authorised',
        'its operator has not confirmed this work at this quality',
      )
    }
    return worker === self ? this.#hoursRefusal(completion, allocated, confirmed) : undefined
  }

  /**
   * Why this society does not sign to have worked at such hours; undefined where it does. Whatever
   * its policy is: who could have hours of its choice signed could fill a worker's day with them.
   */
  async #hoursRefusal(
    { ticket, beneficiary, quality, started: start, finished: end }: Completion,
    { author, time }: Recorded,
    confirmed: Confirmed | undefined,
  ): Promise<Failure | undefined> {
    const { self, clock, hours } = this.#parts
    // Only work for others that tells both counts as hours.
    if (start === undefined || end === undefined || beneficiary === self) return undefined
    if (confirmed?.quality !== quality) {
      const todo =
        'its operator has not confirmed when this was worked on, see society work confirm'
      return new Failure('not-authorised', todo)
    }
    const { worked } = confirmed
    const wasOpen = start >= time && end <= clock.now() + datedAheadMsMax
    if (worked === undefined ? !wasOpen : worked.start !== start || worked.end !== end) {
      const others = 'its operator has confirmed other hours, or none before there was a ticket'
      return new Failure('not-authorised', others)
    }
    try {
      await hours.note({ ticket, author, start, end })
      return undefined
    } catch (error) {
      if (error instanceof Failure) return error
      throw error
    }
  }
}
