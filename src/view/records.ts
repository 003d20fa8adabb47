import {
  actorOf,
  bytesOfRecordId,
  decodeChange,
  didOf,
  peekChange,
  recordId,
  recordIdOfBytes,
  type DocumentKind,
  type Fields,
  type Recorded,
  type RecordId,
  type Scalar,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { fieldsAt } from '../ledger/fields-at.ts'
import { keys } from '../ledger/layout.ts'
import { recordsPageMax } from '../limits.ts'
import type { Store } from '../ports.ts'

/** A record of a chain as listings show it. `fields` are those of the wire, bytes as hex. */
export type RecordView = {
  readonly id: string
  readonly society: string
  readonly document: DocumentKind
  readonly seq: number
  readonly time: string
  readonly kind: string
  readonly void: string | null
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

/** Which records are wanted. */
export type RecordsQuery = {
  readonly society: SocietyKey
  readonly document?: DocumentKind | undefined
  readonly kind?: string | undefined
  /** Only records after this one of the same document. */
  readonly after?: RecordId | undefined
  readonly limit?: number | undefined
}

function shown(value: Scalar): string | number | boolean {
  if (!(value instanceof Uint8Array)) return value
  // Record ids are the 34-byte values; shown in the form that every command takes.
  if (value.length === 34 && bytesOfRecordId(recordIdOfBytes(value)).length === 34) {
    return recordIdOfBytes(value)
  }
  return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function shownFields(fields: Fields): RecordView['fields'] {
  return Object.fromEntries([...fields].map(([name, value]) => [name, shown(value)]))
}

/**
 * The record after which a listing goes on. Fails with `unknown-reference` where this node has no
 * such record in a document as it stands, `malformed` where it is in another one than is listed.
 */
async function startOf(
  after: RecordId,
  { society, document }: RecordsQuery,
  held: DocumentsHeld,
  index: Index,
): Promise<Recorded> {
  const record = await index.record(after)
  if (record === undefined || record.seq > held.state(record.document, record.author).chain.seq) {
    throw new Failure('unknown-reference', `no record ${after} is known here to go on after`)
  }
  if (record.author !== society) {
    const message = `${after} is a record of ${didOf(record.author)}, not of ${didOf(society)}`
    throw new Failure('malformed', message, { record: after })
  }
  if (document !== undefined && record.document !== document) {
    const message = `${after} is in the ${record.document} document, not in the ${document} one`
    throw new Failure('malformed', message, { record: after })
  }
  return record
}

/**
 * Records of a society in the order of its chains, trust before pool. After a record only those of
 * its own document; fails where that is none of what is listed.
 */
export async function viewRecords(
  store: Store,
  held: DocumentsHeld,
  index: Index,
  query: RecordsQuery,
): Promise<readonly RecordView[]> {
  const limit = Math.min(query.limit ?? recordsPageMax, recordsPageMax)
  const after =
    query.after === undefined ? undefined : await startOf(query.after, query, held, index)
  const wanted = after?.document ?? query.document
  const documents: readonly DocumentKind[] = wanted === undefined ? ['trust', 'pool'] : [wanted]
  const records: RecordView[] = []
  for (const document of documents) {
    const actor = actorOf(document, query.society)
    if (!held.has(document, query.society)) continue
    const from = after?.document === document ? after.seq : 1
    const end = held.state(document, query.society).chain.seq
    const range = { gte: keys.change(actor, from), lt: keys.change(actor, end + 1) }
    for await (const [, bytes] of store.range(range)) {
      for (const record of await recordsOf(bytes, document, query.society, index)) {
        if (after !== undefined && !isAfter(record, after)) continue
        if (query.kind !== undefined && record.kind !== query.kind) continue
        records.push(record)
        if (records.length >= limit) return records
      }
    }
  }
  return records
}

function isAfter(
  record: RecordView,
  after: { readonly seq: number; readonly id: string },
): boolean {
  const place = (id: string): number => Number(id.slice(65))
  return record.seq > after.seq || (record.seq === after.seq && place(record.id) > place(after.id))
}

async function recordsOf(
  bytes: Uint8Array,
  document: DocumentKind,
  society: SocietyKey,
  index: Index,
): Promise<readonly RecordView[]> {
  const peeked = peekChange(bytes)
  if (!peeked.ok) return []
  const decoded = decodeChange(bytes, peeked.value)
  const facts = await index.facts(peeked.value.hash)
  if (!decoded.ok || facts === undefined) return []
  const { seq, time, operations } = decoded.value
  return facts.kinds.map((kind, place) => ({
    id: recordId(peeked.value.hash, place),
    society: didOf(society),
    document,
    seq,
    time: new Date(time).toISOString(),
    kind,
    void: facts.voids[place] ?? null,
    fields: shownFields(fieldsAt(operations, place)),
  }))
}

/** One record as listings show it; undefined where it is not in its document as that stands. */
export async function viewRecord(
  store: Store,
  index: Index,
  id: RecordId,
): Promise<RecordView | undefined> {
  const record = await index.record(id)
  if (record === undefined) return undefined
  const { author, document, seq } = record
  const bytes = await store.get(keys.change(actorOf(document, author), seq))
  const records = bytes === undefined ? [] : await recordsOf(bytes, document, author, index)
  return records.find((each) => each.id === id)
}
