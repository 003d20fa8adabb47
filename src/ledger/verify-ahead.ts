import {
  bytesOfKey,
  changeMessage,
  ownerOfActor,
  peekChange,
  type ChangesFrame,
} from '../../protocol/index.ts'
import { verifyAheadMin } from '../limits.ts'
import type { SignatureCheck } from '../ports.ts'
import type { AdmissionParts } from './admission.ts'

/**
 * Has the signatures of frames that will be judged together checked aside, on other cores where
 * there are any. Changes no verdict: what does not hold, or was not checked, is looked at again.
 */
export async function verifyAhead(
  parts: Pick<AdmissionParts, 'held' | 'refuses' | 'verifier'>,
  frames: readonly ChangesFrame[],
): Promise<void> {
  const { verifier } = parts
  if (verifier.ahead === undefined || frames.length < verifyAheadMin) return
  const checks = frames.flatMap((frame) => checkOf(parts, frame) ?? [])
  if (checks.length > 0) await verifier.ahead(checks)
}

/** The check that a frame will need; undefined where something cheaper decides about it. */
function checkOf(
  { held, refuses }: Pick<AdmissionParts, 'held' | 'refuses'>,
  { actor, changes, signature }: ChangesFrame,
): SignatureCheck | undefined {
  const owner = ownerOfActor(actor)
  const last = changes.at(-1)
  const peeked = last === undefined ? undefined : peekChange(last)
  if (owner === undefined || peeked?.ok !== true) return undefined
  const { header, hash } = peeked.value
  const isNews = header.seq > (held.ofActor(actor)?.chain.seq ?? 0)
  if (header.actor !== actor || !isNews || refuses(actor, header.seq) !== undefined) {
    return undefined
  }
  return { signature, message: changeMessage(hash), publicKey: bytesOfKey(owner.key) }
}
