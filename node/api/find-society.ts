import type { SocietyKey } from '../../protocol/index.ts'
import { Failure, type Replica, type SocietyView } from '../../src/index.ts'

/** A society that this node knows, with its view. */
export type Found = { readonly key: SocietyKey; readonly view: SocietyView }

/**
 * The society that a text names: id, unique prefix or name. Fails with `unknown-reference` where
 * nothing is known of it here, be it a well-formed id.
 */
export function findKnown(replica: Replica, text: string): Found {
  const key = replica.find(text)
  const view = replica.society(key)
  if (view.federation !== null) return { key, view }
  throw new Failure('unknown-reference', `no society '${text}' is known here`)
}

/** A society of the federation: its view, and how it stands to it. */
export type Known = { readonly view: SocietyView; readonly membership: 'member' | 'applicant' }

// No name has a character 0, so that names are compared first.
const rank = ({ view }: Known): string => `${view.name}\0${view.id}`

/** Members and those who ask to be, with their views, by name. */
export function knownSocieties(replica: Replica): readonly Known[] {
  const { members, applicants } = replica.membership()
  const viewOf = (did: string): SocietyView => replica.society(replica.find(did))
  const known: readonly Known[] = [
    ...members.map((did) => ({ view: viewOf(did), membership: 'member' as const })),
    ...applicants.map((did) => ({ view: viewOf(did), membership: 'applicant' as const })),
  ]
  return known.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))
}
