import type { DocumentKind, Fields, RecordId } from '../../protocol/index.ts'
import type { MeasurementHistory } from '../energy/measurement-history.ts'
import type { Measurement, Readings } from '../ports.ts'
import { proofOfMeasurement } from './measurement.ts'
import { fieldsOf, resolveRecord, type Resolved } from './resolve.ts'
import type { Resolving } from './resolver.ts'
import { withSignatures, type SignatureParts } from './signatures.ts'

/** What writing records needs of the node. */
export type WriterParts = SignatureParts & {
  readonly history: MeasurementHistory
  /** SHA-256 in hex. */
  readonly sha256: (bytes: Uint8Array) => string
  /** What resolving may look at now. */
  readonly knowledge: () => Omit<Resolving, 'history' | 'readings'>
}

/** A record as it would be written. */
export type Drafted = { readonly document: DocumentKind; readonly fields: Fields }

/** Writes records of this society: from what a caller gives to the change on disk. */
export class Writer {
  readonly #parts: WriterParts

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  async #resolve(kind: string, given: unknown, readings: Readings): Promise<Resolved> {
    const { history, knowledge } = this.#parts
    const resolving = { ...knowledge(), history, readings }
    const { document, value } = await resolveRecord(kind, given, resolving)
    return { document, value: await withSignatures(kind, value, this.#parts) }
  }

  /** The wire fields of a record as it would be written; throws `Failure` where it is refused. */
  async draft(kind: string, given: unknown): Promise<Drafted> {
    const { document, value } = await this.#resolve(kind, given, {})
    return { document, fields: fieldsOf(kind, value) }
  }

  /** Writes a record; its id once it is on disk. Throws `Failure` where it is refused. */
  async write(kind: string, given: unknown, readings: Readings = {}): Promise<RecordId> {
    const { ledger, history } = this.#parts
    const { document, value } = await this.#resolve(kind, given, readings)
    const id = await ledger.append(document, async () => fieldsOf(kind, value))
    await ledger.note(history.wrote(kind, value, readings))
    return id
  }

  /** Signs and publishes a measurement: the proof, and its transcript as evidence. */
  async prove(measurement: Measurement): Promise<RecordId> {
    const { transcript } = measurement
    const readings = this.#parts.knowledge().plausibility?.readingsOf(transcript)
    const given = proofOfMeasurement(measurement, this.#parts.sha256(transcript))
    const proof = await this.write('energy.prove', given, readings)
    await this.write('energy.evidence', { proof, transcript })
    return proof
  }
}
