import {
  decodeChange,
  partsOfRecordId,
  peekChange,
  type Judged,
  type RecordId,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import { fieldsAt } from '../ledger/fields-at.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { allOf, encodeJson, jsonUnder, keys } from '../ledger/layout.ts'
import type { RecordObserver } from '../ledger/observer.ts'
import type { Store, StoreWrite } from '../ports.ts'

/** A transcript that is held here: its record, when that was written, and what it shows. */
export type TranscriptEntry = {
  readonly record: RecordId
  readonly by: SocietyKey
  /** Time of the record: its author's word, but no earlier than what was signed before it. */
  readonly at: number
  /** The proof or attestation that it is the transcript of. */
  readonly of: RecordId
}

/** What transcripts are read from. */
export type TranscriptsParts = { readonly store: () => Store; readonly index: () => Index }

/** Where the transcripts of sources are, by source; kept in step record by record. */
export class Transcripts implements RecordObserver {
  readonly #parts: TranscriptsParts

  constructor(parts: TranscriptsParts) {
    this.#parts = parts
  }

  /** Notes where a transcript is. */
  consider({ id, author, time, outcome }: Judged): readonly StoreWrite[] {
    if (outcome?.type !== 'transcript') return []
    const entry: TranscriptEntry = { record: id, by: author, at: time, of: outcome.proof }
    return [{ key: keys.sourceTranscript(outcome.source, time, id), value: encodeJson(entry) }]
  }

  /** Forgets where a transcript was. */
  forget({ id, time, outcome }: Recorded): readonly StoreWrite[] {
    if (outcome?.type !== 'transcript') return []
    return [{ key: keys.sourceTranscript(outcome.source, time, id) }]
  }

  /** Transcripts of a source by anybody, oldest first. */
  async of(source: string): Promise<readonly TranscriptEntry[]> {
    const entries: TranscriptEntry[] = []
    const range = allOf('sourceTranscript', source)
    for await (const each of jsonUnder(this.#parts.store(), range)) {
      entries.push(each as TranscriptEntry)
    }
    return entries
  }

  /** The transcript in a record of evidence; undefined where there is none. */
  async read(record: RecordId): Promise<Uint8Array | undefined> {
    const { hash, place } = partsOfRecordId(record)
    const facts = await this.#parts.index().facts(hash)
    if (facts === undefined) return undefined
    const bytes = await this.#parts.store().get(keys.change(facts.actor, facts.seq))
    const peeked = bytes === undefined ? undefined : peekChange(bytes)
    if (bytes === undefined || peeked?.ok !== true || peeked.value.hash !== hash) return undefined
    const decoded = decodeChange(bytes, peeked.value)
    if (!decoded.ok) return undefined
    const transcript = fieldsAt(decoded.value.operations, place).get('transcript')
    return transcript instanceof Uint8Array ? transcript.slice() : undefined
  }
}
