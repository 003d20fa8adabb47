import type { RecordId, SocietyKey, TrustState } from '../protocol/index.ts'
import type { DocumentsHeld } from './ledger/documents-held.ts'
import { certificateMs } from './limits.ts'
import type { NodeIdentity } from './ports.ts'
import type { Founding } from './replica-parts.ts'

/** How a society's first records come into its chains; `now` in ms. */
export type Writing = {
  readonly now: number
  readonly write: (kind: string, given: unknown) => Promise<RecordId>
}

/** Writes what of a society's founding is not in its chains yet. Fails as `write` does. */
export async function foundSociety(
  held: DocumentsHeld,
  self: SocietyKey,
  founding: Founding,
  { write }: Writing,
): Promise<void> {
  if (held.trust(self).founding === null) {
    const { name, federation, adp, policy, witnesses } = founding
    await write('society.found', { name, federation, adp, policy, witnesses })
  }
  if (held.trust(self).joined === null) await write('federation.join', {})
  if (held.pool(self).founding === null) await write('pool.open', {})
}

/**
 * Has a society's key and its node's vouch for each other; anew once half of that is over. Fails as
 * `write` does.
 */
export async function certifyNode(
  trust: TrustState,
  { peerId }: NodeIdentity,
  { now, write }: Writing,
): Promise<void> {
  const until = trust.nodes.get(peerId) ?? 0
  if (until > now + certificateMs / 2) return
  await write('node.certify', { peerId, until: now + certificateMs })
}
