import { partsOfRecordId, type ChangeHash, type RecordId } from '../../protocol/index.ts'
import type { ChangePlaced } from '../../protocol/index.ts'
import type { Refusal, Resolving } from './resolver.ts'

/** By kind: fields that name what another society handed over, which the record takes. */
const takings: Readonly<Record<string, readonly string[]>> = {
  'allocation.take': ['grant', 'return'],
  'trade.settle': ['acceptance'],
  'trade.claim': ['settlement'],
}

/** Where a record is in its author's chain; undefined where it is not known here. */
export async function placeOf(
  id: RecordId,
  { index }: Pick<Resolving, 'index'>,
): Promise<ChangePlaced | undefined> {
  const hash = partsOfRecordId(id).hash as ChangeHash
  const facts = await index.facts(hash)
  return facts === undefined ? undefined : { actor: facts.actor, seq: facts.seq, hash }
}

/** Why this node does not take what its giver's witnesses have not acknowledged, if so. */
export async function uncertified(
  kind: string,
  value: object,
  resolving: Resolving,
): Promise<Refusal> {
  for (const name of takings[kind] ?? []) {
    const id = (value as Readonly<Record<string, RecordId | undefined>>)[name]
    const placed = id === undefined ? undefined : await placeOf(id, resolving)
    const refusal = placed && (await resolving.finality.refusal(placed))
    if (refusal !== undefined) return refusal
  }
  return undefined
}
