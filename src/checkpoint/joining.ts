import {
  appointmentsIn,
  bytesOfKey,
  canonicalJson,
  checkpointPartBytes,
  digestPieces,
  isSignedBy,
  keyOfActor,
  ownerOfActor,
  readContent,
  type Actor,
  type Appointment,
  type ChangesFrame,
  type Checkpoint,
  type CheckpointContent,
  type SocietyKey,
  type SyncResponse,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { partsOf } from '../ledger/base.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { historySoughtMs } from '../limits.ts'
import type { Clock, Log, Verifier } from '../ports.ts'
import { inTurns, type Breathe } from '../turns.ts'

/** How much a node keeps: all that ever was, or what is younger than its horizon. */
export type HistoryKept = 'all' | 'window'

/** What taking documents over from checkpoints needs of the node. */
export type JoiningParts = {
  readonly ledger: Ledger
  readonly verifier: Verifier
  readonly clock: Clock
  readonly log: Log
  readonly history: HistoryKept
  readonly breathe: Breathe
}

/** What a peer is asked for. */
export type AskPeer = {
  checkpoint(part: number): Promise<Extract<SyncResponse, { type: 'checkpoint' }>>
  pedigree(): Promise<Extract<SyncResponse, { type: 'pedigree' }>>
}

/** The sets of witnesses that may have signed, and for a trust document what shows them. */
type Shown = {
  readonly appointments: readonly Appointment[]
  readonly pedigree: readonly ChangesFrame[] | undefined
}

/** Whether the state of a trust document has the witnesses that its pedigree shows. */
function isShownIn({ state }: CheckpointContent, { term }: Checkpoint, shown: Shown): boolean {
  if (shown.pedigree === undefined) return true
  const stated = 'appointments' in state ? state.appointments : []
  return canonicalJson(stated) === canonicalJson(shown.appointments.slice(0, term + 1))
}

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
  async join(actor: Actor, sizeMax: number, ask: AskPeer): Promise<boolean> {
    if (!this.#isTime(actor)) return false
    const { breathe } = this.#parts
    const first = await ask.checkpoint(0)
    const { checkpoint } = first
    if (checkpoint === null || checkpoint.size > sizeMax) return false
    if (!this.#isAhead(actor, checkpoint)) return false
    const shown = await this.#shown(actor, ask)
    if (!this.#isSigned(checkpoint, shown)) return false
    const content = new Uint8Array(checkpoint.size)
    for (let part = 0; part < partsOf(checkpoint.size); part++) {
      const { bytes } = part === 0 ? first : await ask.checkpoint(part)
      const at = part * checkpointPartBytes
      if (bytes.length !== Math.min(checkpointPartBytes, checkpoint.size - at)) {
        throw new Failure('malformed', 'a part of a checkpoint of another length')
      }
      content.set(bytes, at)
    }
    if ((await inTurns(digestPieces(content), breathe)) !== checkpoint.digest) {
      throw new Failure('malformed', 'the content is not what witnesses have signed')
    }
    const read = await inTurns(readContent(content, actor), breathe)
    if (read === undefined) {
      throw new Failure('malformed', 'the content is no state of that document')
    }
    if (!isShownIn(read, checkpoint, shown)) {
      throw new Failure('malformed', 'the content tells of other witnesses than the pedigree')
    }
    const { pedigree } = shown
    const adopted = { checkpoint, content, read, pedigree }
    const isTaken = await this.#parts.ledger.adopt(adopted)
    if (isTaken) {
      this.#soughtSince.delete(actor)
      this.#parts.log.info('joined-from-checkpoint', { actor, seq: checkpoint.seq })
    }
    return isTaken
  }

  /** History of a document has come after all. */
  found(actor: Actor): void {
    this.#soughtSince.delete(actor)
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

  /** Whether a checkpoint is of a document and ahead of what is held of it. */
  #isAhead(actor: Actor, checkpoint: Checkpoint): boolean {
    const { ledger } = this.#parts
    const owner = ownerOfActor(actor)
    if (owner === undefined || checkpoint.actor !== actor) {
      throw new Failure('wrong-author', 'a checkpoint of another document')
    }
    const { chain } = ledger.held.state(owner.kind, owner.key)
    return !ledger.forks.convicted(owner.key) && chain.seq < checkpoint.seq
  }

  /** Who may have signed: by the trust document held here, or by the pedigree of another. */
  async #shown(actor: Actor, ask: AskPeer): Promise<Shown> {
    const { ledger } = this.#parts
    const society = keyOfActor(actor)
    if (ownerOfActor(actor)?.kind === 'pool') {
      return { appointments: ledger.held.trust(society).appointments, pedigree: undefined }
    }
    const { frames } = await ask.pedigree()
    const appointments = appointmentsIn(frames, society, this.#verify)
    if (appointments === undefined) {
      throw new Failure('bad-signature', 'the pedigree does not show the society’s witnesses')
    }
    return { appointments, pedigree: frames }
  }

  /** Whether witnesses signed a checkpoint; fails where those that should have did not. */
  #isSigned(checkpoint: Checkpoint, { appointments }: Shown): boolean {
    const witnesses = appointments[checkpoint.term]?.witnesses
    // The record that appoints them may still be on its way.
    if (witnesses === undefined) return false
    if (isSignedBy(checkpoint, witnesses, this.#verify)) return true
    throw new Failure('bad-signature', 'too few witnesses signed the checkpoint')
  }

  readonly #verify = (signature: Uint8Array, message: Uint8Array, key: SocietyKey): boolean =>
    this.#parts.verifier.verify(signature, message, bytesOfKey(key))
}
