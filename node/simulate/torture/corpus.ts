import {
  decodeChange,
  recordId,
  type ChangeHash,
  type Fields,
  type Peeked,
  type RecordId,
  type Scalar,
} from '../../../protocol/index.ts'

/** Records kept of a kind: enough to choose from. */
const keptMax = 24

/** The records of a change as they are on the wire; none of one that cannot be read. */
function recordsOf(bytes: Uint8Array, peeked: Peeked): readonly Fields[] {
  const decoded = decodeChange(bytes, peeked)
  if (!decoded.ok) return []
  const records = new Map<number, Map<string, Scalar>>()
  for (const { object, key, value } of decoded.value.operations) {
    if (value === undefined) continue
    const record = records.get(object) ?? new Map<string, Scalar>()
    record.set(key, value)
    records.set(object, record)
  }
  return [...records.values()]
}

/** Records that were seen on the wires, as wire fields by kind: what rogues take theirs from. */
export class Corpus {
  readonly #byKind: Map<string, Fields[]> = new Map()
  readonly #seen: Set<ChangeHash> = new Set()
  /** mATP of every charge seen. */
  readonly charged: Map<RecordId, number> = new Map()

  /** Takes notice of a change, once. */
  note(bytes: Uint8Array, peeked: Peeked): void {
    if (this.#seen.has(peeked.hash)) return
    this.#seen.add(peeked.hash)
    recordsOf(bytes, peeked).forEach((fields, place) => {
      const kind = String(fields.get('kind'))
      const list = this.#byKind.get(kind) ?? []
      list.push(fields)
      if (list.length > keptMax) list.shift()
      this.#byKind.set(kind, list)
      const amount = fields.get('amount')
      if (kind === 'atp.charge' && typeof amount === 'number') {
        this.charged.set(recordId(peeked.hash, place), amount)
      }
    })
  }

  /** The newest records of a kind. */
  of(kind: string): readonly Fields[] {
    return this.#byKind.get(kind) ?? []
  }
}
