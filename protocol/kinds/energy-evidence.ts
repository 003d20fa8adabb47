import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { fault } from '../codes.ts'
import { valueBytesMax } from '../limits.ts'
import type { RecordId } from '../identity.ts'
import { poolKind, type Judging, type RecordKind } from './kind.ts'
import { bytes, reference } from './schema.ts'

const digestOf = (transcript: Uint8Array): string => bytesToHex(sha256(transcript))

/** What a transcript is of: the source and the digest that a proof or attestation carries. */
function subjectOf(
  judging: Judging,
  id: RecordId,
): { readonly source: string; readonly evidence: string | null } {
  const outcome = judging.lookup.record(id)?.outcome
  if (outcome?.type === 'proof' || outcome?.type === 'attestation') return outcome
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
      if (digestOf(value.transcript) !== subjectOf(judging, value.proof).evidence) {
        const message = 'what it is said to be of does not carry the digest of this transcript'
        return fault('unknown-reference', message, value.proof)
      }
      return judging.lookup.record(value.proof)?.author === judging.author
        ? null
        : fault('not-authorised', 'what it is the transcript of is another society’s', value.proof)
    },
    apply: (_state, { proof, transcript }, judging) => ({
      type: 'transcript',
      proof,
      digest: digestOf(transcript),
      source: subjectOf(judging, proof).source,
    }),
  },
)
