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
