import type { RecordId, SocietyKey, TrustState } from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { certificateLookMs, certificateMs } from '../limits.ts'
import type { Clock, Log, NodeIdentity } from '../ports.ts'
import type { Founding } from '../replica-parts.ts'

/** Writes a record of the society. */
export type Write = (kind: string, given: unknown) => Promise<RecordId>

/** Writes what of a society's founding is not in its chains yet. Fails as `write` does. */
export async function foundSociety(
  held: DocumentsHeld,
  self: SocietyKey,
  founding: Founding,
  write: Write,
): Promise<void> {
  if (held.trust(self).founding === null) {
    const { name, federation, adp, policy, witnesses } = founding
    await write('society.found', { name, federation, adp, policy, witnesses })
  }
  if (held.trust(self).joined === null) await write('federation.join', {})
  if (held.pool(self).founding === null) await write('pool.open', {})
}

async function certifyNode(
  trust: TrustState,
  { peerId }: NodeIdentity,
  now: number,
  write: Write,
): Promise<void> {
  const until = trust.nodes.get(peerId) ?? 0
  if (until > now + certificateMs / 2) return
  await write('node.certify', { peerId, until: now + certificateMs })
}

/** What keeping a node certified needs of it. */
export type CertificationParts = {
  readonly self: SocietyKey
  readonly held: DocumentsHeld
  readonly identity: NodeIdentity
  readonly clock: Clock
  readonly log: Log
  readonly write: Write
}

/** Has a society's key and its node's vouch for each other, anew once half of that is over. */
export class Certification {
  readonly #parts: CertificationParts
  #cancel: () => void = () => {}

  constructor(parts: CertificationParts) {
    this.#parts = parts
  }

  /** Certifies the node if it has to be, and looks again every day. Fails as `write` does. */
  async start(): Promise<void> {
    await this.#certify()
    this.#schedule()
  }

  /** Looks no more. */
  stop(): void {
    this.#cancel()
  }

  #certify(): Promise<void> {
    const { self, held, identity, clock, write } = this.#parts
    return certifyNode(held.trust(self), identity, clock.now(), write)
  }

  #schedule(): void {
    const { clock, log } = this.#parts
    this.#cancel = clock.after(certificateLookMs, () => {
      this.#schedule()
      // Half a year is left to try again.
      this.#certify().catch((error: unknown) => {
        log.warn('certificate-not-renewed', { error: String(error) })
      })
    })
  }
}
