import type { DocumentKind, Fields, RecordId } from '../../protocol/index.ts'
import type { MeasurementHistory } from '../energy/measurement-history.ts'
import type { Failure } from '../failure.ts'
import type { Measurement } from '../ports.ts'
import { proofOfMeasurement } from './measurement.ts'
import { fieldsOf, resolveRecord, type Resolved } from './resolve.ts'
import type { Resolving } from './resolver.ts'
import { signedByOthers, withSignatures, type SignatureParts } from './signatures.ts'

/** What writing records needs of the node. */
export type WriterParts = SignatureParts & {
  readonly history: MeasurementHistory
  /** SHA-256 in hex. */
  readonly sha256: (bytes: Uint8Array) => string
  /** What resolving may look at now. */
  readonly knowledge: () => Omit<Resolving, 'history' | keyof Measured>
}

/** What is known of a measurement besides the fields of its proof. */
type Measured = Pick<Resolving, 'readings' | 'witnessedLevel'>

const notMeasured: Measured = { readings: {}, witnessedLevel: 0 }

/** A record as it would be written. */
export type Drafted = {
  readonly document: DocumentKind
  readonly fields: Fields
  /** Why this node does not write it; undefined where it does. */
  readonly refusal: Failure | undefined
}

/** Writes records of this society: from what a caller gives to the change on disk. */
export class Writer {
  readonly #parts: WriterParts

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  async #resolve(kind: string, given: unknown, measured: Measured): Promise<Resolved> {
    const { history, knowledge } = this.#parts
    const resolving = { ...knowledge(), history, ...measured }
    const { document, value, refusal } = await resolveRecord(kind, given, resolving)
    if (refusal !== undefined && signedByOthers.has(kind)) throw refusal
    return { document, value: await withSignatures(kind, value, this.#parts), refusal }
  }

  /** A record as it would be written; throws `Failure` where there is none to be written. */
  async draft(kind: string, given: unknown): Promise<Drafted> {
    const { document, value, refusal } = await this.#resolve(kind, given, notMeasured)
    return { document, fields: fieldsOf(kind, value), refusal }
  }

  /** Writes a record; its id once it is on disk. Throws `Failure` where it is refused. */
  async write(kind: string, given: unknown): Promise<RecordId> {
    return this.#write(kind, given, notMeasured)
  }

  async #write(kind: string, given: unknown, measured: Measured): Promise<RecordId> {
    const { ledger, history } = this.#parts
    const { document, value, refusal } = await this.#resolve(kind, given, measured)
    const id = await ledger.append(document, async () => fieldsOf(kind, value), refusal)
    await ledger.note(history.wrote(kind, value, measured.readings))
    return id
  }

  /**
   * Signs and publishes a measurement: the proof, and its transcript as evidence. `proven` hears of
   * the proof before anybody can ask about it.
   */
  async prove(measurement: Measurement, proven: (proof: RecordId) => void): Promise<RecordId> {
    const { transcript, witnessedLevel = 0 } = measurement
    const { plausibility } = this.#parts.knowledge()
    const readings = { ...plausibility?.readingsOf(transcript), ...measurement.readings }
    const given = proofOfMeasurement(measurement, this.#parts.sha256(transcript))
    const proof = await this.#write('energy.prove', given, { readings, witnessedLevel })
    proven(proof)
    await this.write('energy.evidence', { proof, transcript })
    return proof
  }
}
