import type { RecordId, Recorded, SocietyKey } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { keys } from '../ledger/layout.ts'
import type { Store } from '../ports.ts'

/** What disowning receipts asks of the node. */
export type DisownedParts = {
  readonly self: SocietyKey
  readonly store: Store
  readonly index: Pick<Index, 'record'>
}

/**
 * Receipts under which a society's signature stands and by which its operator does not: signed by
 * mistake, or with a stolen key. The ledger does not change; witnesses that ask are told.
 */
export class Disowned {
  readonly #parts: DisownedParts

  constructor(parts: DisownedParts) {
    this.#parts = parts
  }

  /**
   * Whether this society stands by a receipt of a worker's: work that was done for itself, in a
   * record that counts, and not disowned. Fails with `unknown-reference` for none held here.
   */
  async standsBy(receipt: RecordId, worker: SocietyKey): Promise<boolean> {
    const { store } = this.#parts
    const { outcome } = await this.#record(receipt)
    if (outcome?.type !== 'completion' || outcome.worker !== worker) return false
    if (outcome.beneficiary !== this.#parts.self) return false
    return (await store.get(keys.disowned(receipt))) === undefined
  }

  /**
   * Disowns a receipt for good. Fails with `unknown-reference` for none held here, and with
   * `not-authorised` for work that was not done for this society.
   */
  async disown(receipt: RecordId): Promise<void> {
    const { self, store } = this.#parts
    const { outcome } = await this.#record(receipt)
    if (outcome?.type !== 'completion' || outcome.beneficiary !== self) {
      throw new Failure('not-authorised', 'that is no receipt of work done for this society')
    }
    await store.write([{ key: keys.disowned(receipt), value: Uint8Array.of(1) }], { sync: true })
  }

  async #record(receipt: RecordId): Promise<Recorded> {
    const record = await this.#parts.index.record(receipt)
    if (record !== undefined) return record
    throw new Failure('unknown-reference', 'that receipt is not held here')
  }
}
