import { bytesOfKey, changeMessage, ownerOfActor } from '../../protocol/index.ts'
import { verifyAheadMin } from '../limits.ts'
import type { SignatureCheck } from '../ports.ts'
import type { AdmissionParts, PeekedFrame } from './admission.ts'

type Parts = Pick<AdmissionParts, 'held' | 'refuses' | 'verifier'>

/**
 * Has the signatures of frames that will be judged together checked aside, on other cores where
 * there are any. Changes no verdict: what does not hold, or was not checked, is looked at again.
 */
export async function verifyAhead(parts: Parts, frames: readonly PeekedFrame[]): Promise<void> {
  const { verifier } = parts
  if (verifier.ahead === undefined || frames.length < verifyAheadMin) return
  const checks = frames.flatMap((frame) => checkOf(parts, frame) ?? [])
  if (checks.length > 0) await verifier.ahead(checks)
}

/** The check that a frame will need; undefined where something cheaper decides about it. */
function checkOf(
  { held, refuses }: Parts,
  { frame: { actor, signature }, peeks }: PeekedFrame,
): SignatureCheck | undefined {
  const owner = ownerOfActor(actor)
  const last = 'verdict' in peeks ? undefined : peeks.at(-1)
  if (owner === undefined || last === undefined) return undefined
  const { header, hash } = last
  const isNews = header.seq > (held.ofActor(actor)?.chain.seq ?? 0)
  if (!isNews || refuses(actor, header.seq) !== undefined) return undefined
  return { signature, message: changeMessage(hash), publicKey: bytesOfKey(owner.key) }
}
