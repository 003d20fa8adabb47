import {
  decodeChange,
  headsOfChange,
  ownerOfActor,
  partsOfRecordId,
  peekChange,
  readRecord,
  referencesOfChange,
  type Fields,
  type Operation,
  type Scalar,
} from '../../protocol/index.ts'

/** Fields of the record at a place of a change: its map is the place-th one that holds scalars. */
export function fieldsAt(operations: readonly Operation[], place: number): Fields {
  const objects: number[] = []
  const fields = new Map<string, Scalar>()
  for (const { object, key, value } of operations) {
    if (value === undefined) continue
    if (objects.at(-1) !== object) objects.push(object)
    if (objects.length - 1 === place) fields.set(key, value)
  }
  return fields
}

/** Kinds of the records of a change, in order; '' for one that names none. */
export function kindsIn(operations: readonly Operation[]): readonly string[] {
  const kinds: string[] = []
  let record: number | undefined
  for (const { object, key, value } of operations) {
    if (value === undefined) continue
    if (record !== object) kinds.push('')
    record = object
    if (key === 'kind' && typeof value === 'string') kinds[kinds.length - 1] = value
  }
  return kinds
}

/** Hashes of the changes that a stored change names, and when it is dated, in ms. */
export function namedIn(bytes: Uint8Array): {
  readonly time: number
  readonly hashes: readonly string[]
} {
  const peeked = peekChange(bytes)
  const decoded = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
  const owner = peeked.ok ? ownerOfActor(peeked.value.header.actor) : undefined
  if (!peeked.ok || !decoded.ok || owner === undefined) return { time: 0, hashes: [] }
  const { operations } = decoded.value
  const records = kindsIn(operations).map((kind, place) => {
    return { number: 0, kind, reading: readRecord(owner.kind, fieldsAt(operations, place)) }
  })
  const change = { records }
  const ids = referencesOfChange(change).map((id) => partsOfRecordId(id).hash)
  const heads = headsOfChange(change).map(({ hash }) => hash)
  return { time: peeked.value.header.time, hashes: [...ids, ...heads] }
}
