import type { SocietyKey } from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'

/** A society's parent at an instant: whom it applied to, who admitted it, and it has not left. */
export function parentOf(held: DocumentsHeld, society: SocietyKey, now: number): SocietyKey | null {
  const { application } = held.trust(society)
  if (application === null) return null
  if (application.leftAt !== null && application.leftAt <= now) return null
  const admitted = held.trust(application.parent).children.get(society)
  return admitted?.application === application.id ? application.parent : null
}

/** A society's children at an instant, in the order they were admitted. */
export function childrenOf(
  held: DocumentsHeld,
  society: SocietyKey,
  now: number,
): readonly SocietyKey[] {
  const children = [...held.trust(society).children.keys()]
  return children.filter((child) => parentOf(held, child, now) === society)
}
