import {
  bytesOfKey,
  checkpointPartBytes,
  contentDigest,
  isSignedBy,
  ownerOfActor,
  type Actor,
  type Checkpoint,
  type SyncRequest,
  type SyncResponse,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { partsOf } from '../ledger/base.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { historySoughtMs } from '../limits.ts'
import type { Clock, Log, Verifier } from '../ports.ts'

/** How much a node keeps: all that ever was, or what is younger than its horizon. */
export type HistoryKept = 'all' | 'window'

/** What taking documents over from checkpoints needs of the node. */
export type JoiningParts = {
  readonly ledger: Ledger
  readonly verifier: Verifier
  readonly clock: Clock
  readonly log: Log
  readonly history: HistoryKept
}

type CheckpointAnswer = Extract<SyncResponse, { type: 'checkpoint' }>
type Ask = (request: Extract<SyncRequest, { type: 'checkpoint' }>) => Promise<CheckpointAnswer>

/** Takes documents over from checkpoints where their history is not to be had. */
export class Joining {
  readonly #parts: JoiningParts
  /** Since when the history of a document is looked for, by what never jumps, in ms. */
  readonly #soughtSince: Map<Actor, number> = new Map()

  constructor(parts: JoiningParts) {
    this.#parts = parts
  }

  /**
   * A peer has a document, and not what comes next of it here: takes it over from the peer's
   * checkpoint. Whether it did; fails with a code for which the peer is to blame.
   */
  async join(actor: Actor, ask: Ask): Promise<boolean> {
    if (!this.#isTime(actor)) return false
    const first = await ask({ type: 'checkpoint', actor, part: 0 })
    const { checkpoint } = first
    if (checkpoint === null || !this.#isWanted(actor, checkpoint)) return false
    const content = new Uint8Array(checkpoint.size)
    for (let part = 0; part < partsOf(checkpoint.size); part++) {
      const { bytes } = part === 0 ? first : await ask({ type: 'checkpoint', actor, part })
      const at = part * checkpointPartBytes
      if (bytes.length !== Math.min(checkpointPartBytes, checkpoint.size - at)) {
        throw new Failure('malformed', 'a part of a checkpoint of another length')
      }
      content.set(bytes, at)
    }
    if (contentDigest(content) !== checkpoint.digest) {
      throw new Failure('malformed', 'the content is not what witnesses have signed')
    }
    const isTaken = await this.#parts.ledger.adopt(checkpoint, content)
    if (isTaken) {
      this.#soughtSince.delete(actor)
      this.#parts.log.info('joined-from-checkpoint', { actor, seq: checkpoint.seq })
    }
    return isTaken
  }

  /** Whoever keeps all history first looks for somebody who has it. */
  #isTime(actor: Actor): boolean {
    const { history, clock } = this.#parts
    if (history === 'window') return true
    const now = clock.elapsed()
    const since = this.#soughtSince.get(actor) ?? now
    this.#soughtSince.set(actor, since)
    return now - since >= historySoughtMs
  }

  /** Whether a checkpoint is ahead of what is held; fails where witnesses have not signed it. */
  #isWanted(actor: Actor, checkpoint: Checkpoint): boolean {
    const { ledger, verifier } = this.#parts
    const owner = ownerOfActor(actor)
    if (owner === undefined || checkpoint.actor !== actor) {
      throw new Failure('wrong-author', 'a checkpoint of another document')
    }
    if (ledger.forks.convicted(owner.key)) return false
    const { appointments } = ledger.held.trust(owner.key)
    const witnesses = appointments[checkpoint.term]?.witnesses
    // The record that appoints them may still be on its way.
    if (witnesses === undefined) return false
    const isSigned = isSignedBy(checkpoint, witnesses, (signature, message, witness) =>
      verifier.verify(signature, message, bytesOfKey(witness)),
    )
    if (!isSigned) throw new Failure('bad-signature', 'too few witnesses signed the checkpoint')
    return ledger.held.state(owner.kind, owner.key).chain.seq < checkpoint.seq
  }
}
