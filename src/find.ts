import { didOf, keyOfDid, type SocietyKey } from '../protocol/index.ts'
import { ambiguous } from './ambiguous.ts'
import { Failure } from './failure.ts'
import type { DocumentsHeld } from './ledger/documents-held.ts'

const didPrefix = 'did:key:'

/**
 * The society that a text names: its id, a unique prefix of it (with or without `did:key:`), or its
 * name. A whole did:key need not be known here. Fails with `unknown-reference` or `malformed`, the
 * latter also where it is one's name and another's prefix: anybody may take any name.
 */
export function findSociety(
  held: DocumentsHeld,
  text: string,
  members: ReadonlySet<SocietyKey> = new Set(),
): SocietyKey {
  const exact = keyOfDid(text)
  if (exact !== undefined) return exact
  const known = held.societies()
  const fitting = known.filter((key) => {
    const did = didOf(key)
    const isPrefix = did.startsWith(text) || did.slice(didPrefix.length).startsWith(text)
    return isPrefix || held.trust(key).founding?.name === text
  })
  // A stranger may call itself what it likes: it does not make a member's name ambiguous.
  const fittingMembers = fitting.filter((key) => members.has(key))
  const found = fittingMembers.length > 0 ? fittingMembers : fitting
  if (found.length > 1) throw ambiguous(text, 'societies', found.map(didOf))
  const [key] = found
  if (key === undefined)
    throw new Failure('unknown-reference', `no society '${text}' is known here`)
  return key
}

/** A society's name, or a short form of its id. */
export function nameOf(held: DocumentsHeld, key: SocietyKey): string {
  return held.trustIfHeld(key)?.founding?.name ?? didOf(key).slice(didPrefix.length, 20)
}
