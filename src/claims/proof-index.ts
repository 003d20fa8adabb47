import type { Judged, Recorded, RecordId } from '../../protocol/index.ts'
import { decodeText, encodeText, keys } from '../ledger/layout.ts'
import type { RecordObserver } from '../ledger/observer.ts'
import type { Store, StoreWrite } from '../ports.ts'

/**
 * What followed proofs: the transcripts that show them, and the record by which each was renewed or
 * its source retired. Kept in the store with the changes that bring it, for proofs are asked for by
 * what was charged against them, which may be weeks ago.
 */
export class ProofIndex implements RecordObserver {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Takes a judged record into account; returns what has to be written with it. */
  consider({ id, outcome }: Judged): readonly StoreWrite[] {
    switch (outcome?.type) {
      case 'transcript':
        return [{ key: keys.transcript(outcome.proof, outcome.digest), value: encodeText(id) }]
      case 'proof':
        return outcome.replaces === null
          ? []
          : [{ key: keys.successor(outcome.replaces), value: encodeText(id) }]
      case 'retirement':
        return [{ key: keys.successor(outcome.proof), value: encodeText(id) }]
      default:
        return []
    }
  }

  /** Forgets what a record was to a proof. */
  forget({ outcome }: Recorded): readonly StoreWrite[] {
    switch (outcome?.type) {
      case 'transcript':
        return [{ key: keys.transcript(outcome.proof, outcome.digest) }]
      case 'proof':
        return outcome.replaces === null ? [] : [{ key: keys.successor(outcome.replaces) }]
      case 'retirement':
        return [{ key: keys.successor(outcome.proof) }]
      default:
        return []
    }
  }

  /** The record that holds the transcript of a proof with a digest; undefined if none is here. */
  transcriptOf(proof: RecordId, digest: string): Promise<RecordId | undefined> {
    return this.#idAt(keys.transcript(proof, digest))
  }

  /** The record that renewed a proof or retired its source; undefined while it is the newest. */
  successorOf(proof: RecordId): Promise<RecordId | undefined> {
    return this.#idAt(keys.successor(proof))
  }

  async #idAt(key: string): Promise<RecordId | undefined> {
    const bytes = await this.#store.get(key)
    return bytes === undefined ? undefined : (decodeText(bytes) as RecordId)
  }
}
