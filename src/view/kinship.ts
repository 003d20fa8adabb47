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

/** All societies within a society at an instant: its children, theirs, and so on. */
export function citizensOf(
  held: DocumentsHeld,
  society: SocietyKey,
  now: number,
): ReadonlySet<SocietyKey> {
  const citizens = new Set<SocietyKey>()
  const open = [society]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of childrenOf(held, next, now)) {
      // A circle that formed unseen must not be walked for ever.
      if (child === society || citizens.has(child)) continue
      citizens.add(child)
      open.push(child)
    }
  }
  return citizens
}
