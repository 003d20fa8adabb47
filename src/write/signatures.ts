import {
  areWitnesses,
  encodeSignedHead,
  nodeMessage,
  type Completion,
  type Endorsement,
  type SignedHead,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Cosigner } from '../cosign.ts'
import { Failure } from '../failure.ts'
import type { Succession } from '../finality/succession.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { NodeIdentity } from '../ports.ts'

/** Kinds that others sign: nobody is asked for what is refused anyhow. */
export const signedByOthers: ReadonlySet<string> = new Set([
  'work.complete',
  'vouch.give',
  'society.amend',
])

/** Who can sign what a record needs besides the society's signature under its change. */
export type SignatureParts = {
  readonly self: SocietyKey
  readonly ledger: Ledger
  readonly cosigner: Cosigner
  readonly succession: Succession
  readonly identity: NodeIdentity
  /** Signs where the society's pool stands now; undefined where it may not. */
  readonly signPool: () => Promise<SignedHead | undefined>
}

/**
 * The values of a record with the signatures that its kind asks for: of worker and beneficiary, of
 * endorsers, of the node. Fails with the refusal of whoever does not sign.
 */
export async function withSignatures(
  kind: string,
  value: object,
  parts: SignatureParts,
): Promise<object> {
  if (kind === 'work.complete') return cosigned(value, parts)
  if (kind === 'node.certify') return certificate(value, parts)
  if (kind === 'citizenship.leave') return withHead(value, parts)
  if (kind === 'society.amend') return withHandover(value, parts)
  if (kind !== 'vouch.give') return value
  const vouch = value as Omit<Endorsement, 'sponsor'> & { readonly endorsers: SocietyKey[] }
  const { to, watts, duration, endorsers } = vouch
  const endorsement = { sponsor: parts.self, to, watts, duration }
  return { ...value, signatures: await parts.cosigner.endorsements(endorsers, endorsement) }
}

/** The witnesses until now sign that new ones follow, if the record names any. */
async function withHandover(value: object, { self, succession }: SignatureParts): Promise<object> {
  const amended = value as {
    readonly witnesses: readonly SocietyKey[]
    readonly replaceWitnesses?: boolean
  }
  const { witnesses, replaceWitnesses } = amended
  if (replaceWitnesses !== true) return value
  if (!areWitnesses(witnesses, self)) {
    throw new Failure('malformed', 'witnesses must be distinct others, 3f + 1 in number')
  }
  return { ...value, handover: await succession.handover(witnesses) }
}

/** Where the pool stands shows whether anything is lent to the society. */
async function withHead(value: object, { signPool }: SignatureParts): Promise<object> {
  const signed = await signPool()
  return signed === undefined ? value : { ...value, head: encodeSignedHead(signed) }
}

/** This node signs its own certificate; another's signature must be given. */
function certificate(value: object, { self, identity }: SignatureParts): object {
  const { peerId, until, signature } = value as {
    readonly peerId: string
    readonly until: number
    readonly signature?: Uint8Array
  }
  if (signature !== undefined || peerId !== identity.peerId) return value
  return { ...value, signature: identity.sign(nodeMessage(self, until)) }
}

async function cosigned(value: object, parts: SignatureParts): Promise<object> {
  const { self, ledger, cosigner } = parts
  const draft = value as Omit<Completion, 'worker'>
  const recorded = await ledger.index.record(draft.ticket)
  const outcome = recorded?.outcome
  if (outcome?.type !== 'ticket') {
    throw new Failure('unknown-reference', 'no such ticket is known here')
  }
  if (recorded?.author !== self) {
    throw new Failure('not-authorised', 'the ticket is another society’s', { record: draft.ticket })
  }
  if (!ledger.held.pool(self).tickets.has(draft.ticket)) {
    throw new Failure('already-ended', 'the ticket has ended', { record: draft.ticket })
  }
  const completion: Completion = { ...draft, worker: outcome.worker }
  const [workerSignature, beneficiarySignature] = await Promise.all([
    cosigner.signatureOf(completion.worker, completion),
    cosigner.signatureOf(completion.beneficiary, completion),
  ])
  return { ...value, workerSignature, beneficiarySignature }
}
