import type { Completion, Endorsement, SocietyKey } from '../../protocol/index.ts'
import type { Cosigner } from '../cosign.ts'
import { Failure } from '../failure.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Index } from '../ledger/index-of-facts.ts'

/** What collecting the signatures of others needs of the node. */
export type Signing = {
  readonly self: SocietyKey
  readonly held: DocumentsHeld
  readonly index: Index
  readonly cosigner: Cosigner
}

/**
 * The values of a record with the signatures of others, where its kind asks for them. Fails with
 * what a co-signer refuses with, or `peer-unavailable`.
 */
export async function withSignatures(
  kind: string,
  value: object,
  signing: Signing,
): Promise<object> {
  if (kind === 'work.complete') return completed(value, signing)
  return kind === 'vouch.give' ? endorsed(value, signing) : value
}

async function endorsed(value: object, { self, cosigner }: Signing): Promise<object> {
  const vouch = value as Omit<Endorsement, 'sponsor'> & { readonly endorsers: SocietyKey[] }
  const { to, watts, duration, endorsers } = vouch
  const endorsement = { sponsor: self, to, watts, duration }
  return { ...value, signatures: await cosigner.endorsements(endorsers, endorsement) }
}

async function completed(value: object, signing: Signing): Promise<object> {
  const { self, held, index, cosigner } = signing
  const draft = value as Omit<Completion, 'worker'>
  const outcome = (await index.record(draft.ticket))?.outcome
  if (outcome?.type !== 'ticket') {
    throw new Failure('unknown-reference', 'no such ticket is known here')
  }
  if (!held.pool(self).tickets.has(draft.ticket)) {
    throw new Failure('already-ended', 'the ticket has ended', { record: draft.ticket })
  }
  const completion: Completion = { ...draft, worker: outcome.worker }
  const [workerSignature, beneficiarySignature] = await Promise.all([
    cosigner.signatureOf(completion.worker, completion),
    cosigner.signatureOf(completion.beneficiary, completion),
  ])
  return { ...value, workerSignature, beneficiarySignature }
}
