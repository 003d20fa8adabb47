import type { SocietyKey } from '../../protocol/index.ts'
import { Failure, type NamedSociety, type Replica, type SocietyView } from '../../src/index.ts'

/**
 * The society that a text names: id, unique prefix or name. Fails with `unknown-reference` where
 * nothing is known of it here, be it a well-formed id.
 */
export function findKey(replica: Replica, text: string): SocietyKey {
  const key = replica.find(text)
  if (replica.views.knows(key)) return key
  throw new Failure('unknown-reference', `no society '${text}' is known here`)
}

/** The key of this node's society, or of the one that a text names. */
export const keyOrSelf = (replica: Replica, text: string | undefined): SocietyKey =>
  text === undefined ? replica.self : findKey(replica, text)

/** A society that something is held of: its view, and how it stands to the federation. */
export type Known = NamedSociety & { readonly view: SocietyView }

/** Members, those who ask to be and guests, with their views, by name. */
export function knownSocieties(replica: Replica): readonly Known[] {
  return replica.views
    .societies()
    .map((known) => ({ ...known, view: replica.society(replica.find(known.id)) }))
}
