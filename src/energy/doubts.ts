import type { Fault, RecordId, Recorded } from '../../protocol/index.ts'
import { Transcripts } from '../claims/transcripts.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { namesSweep } from '../limits.ts'
import type { Measurement, Plausibility, ProofClaim, Store } from '../ports.ts'
import { viewRecord } from '../view/records.ts'
import { claimOfProof } from './proof-claim.ts'

/** What doubting others' proofs needs of the node. */
export type DoubtsParts = {
  readonly store: Store
  readonly index: Index
  readonly plausibility: Plausibility | undefined
}

const wattsOf = (value: unknown): number | null => {
  const watts = Number(value)
  return value === undefined || !Number.isFinite(watts) ? null : watts
}

/** What physics says of proofs, whoever signed them; remembered, for a record does not change. */
export class Doubts {
  readonly #parts: DoubtsParts
  readonly #transcripts: Transcripts
  readonly #found: Map<string, Promise<Fault | null>> = new Map()

  constructor(parts: DoubtsParts) {
    this.#parts = parts
    const { store, index } = parts
    this.#transcripts = new Transcripts({ store: () => store, index: () => index })
  }

  /**
   * Why what a proof tells cannot be, by its fields and the record of its transcript where that is
   * here; null where it can, or where its fields are not here.
   */
  of(proof: RecordId, transcript: Recorded | null): Promise<Fault | null> {
    const key = `${proof}/${transcript?.id ?? ''}`
    const found = this.#found.get(key) ?? this.#judge(proof, transcript)
    if (this.#found.size >= namesSweep) this.#found.clear()
    this.#found.set(key, found)
    return found
  }

  /** Why what a look at the source of a proof showed cannot be, where the proof says it stands. */
  async ofLook(proof: RecordId, looks: readonly Measurement[]): Promise<Fault | null> {
    const { plausibility } = this.#parts
    const claim = await this.#claimOf(proof)
    if (plausibility === undefined || claim === undefined) return null
    for (const { fields, measuredAt, transcript } of looks) {
      const output = wattsOf(fields['output'])
      const readings = plausibility.readingsOf(transcript)
      const fault = plausibility.judge({ ...claim, output, measuredAt, readings })
      if (fault !== null) return fault
    }
    return null
  }

  async #claimOf(proof: RecordId): Promise<ProofClaim | undefined> {
    const { store, index } = this.#parts
    const record = await viewRecord(store, index, proof)
    return record === undefined ? undefined : claimOfProof(record.fields)
  }

  async #judge(proof: RecordId, transcript: Recorded | null): Promise<Fault | null> {
    const { plausibility } = this.#parts
    const claim = plausibility === undefined ? undefined : await this.#claimOf(proof)
    if (plausibility === undefined || claim === undefined) return null
    const told = transcript === null ? undefined : await this.#transcripts.read(transcript.id)
    const bytes = told ?? new Uint8Array()
    return plausibility.judge({ ...claim, readings: plausibility.readingsOf(bytes) })
  }
}
