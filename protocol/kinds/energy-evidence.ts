import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { fault } from '../codes.ts'
import { valueBytesMax } from '../limits.ts'
import type { RecordId } from '../identity.ts'
import { poolKind, type Judging, type RecordKind } from './kind.ts'
import { bytes, reference } from './schema.ts'

/** The source that a proof or attestation is about. */
function sourceOf(judging: Judging, id: RecordId): string {
  const outcome = judging.lookup.record(id)?.outcome
  if (outcome?.type === 'proof' || outcome?.type === 'attestation') return outcome.source
  throw new Error(`assertion: ${id} was not fetched as proof or attestation`)
}

/**
 * `energy.evidence`: the transcript whose digest a proof, or a witness's attestation, carries. It
 * changes no verdict.
 */
export const energyEvidence: RecordKind = poolKind(
  'energy.evidence',
  { proof: reference('energy.prove', 'energy.attest'), transcript: bytes(valueBytesMax) },
  {
    check(_state, value, judging) {
      return judging.lookup.record(value.proof)?.author === judging.author
        ? null
        : fault('not-authorised', 'what it is the transcript of is another society’s', value.proof)
    },
    apply: (_state, { proof, transcript }, judging) => ({
      type: 'transcript',
      proof,
      digest: bytesToHex(sha256(transcript)),
      source: sourceOf(judging, proof),
    }),
  },
)
