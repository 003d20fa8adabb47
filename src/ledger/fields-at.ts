import type { Fields, Operation, Scalar } from '../../protocol/index.ts'

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
