import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { fault } from '../codes.ts'
import { valueBytesMax } from '../limits.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { bytes, reference } from './schema.ts'

const digestOf = (transcript: Uint8Array): string => bytesToHex(sha256(transcript))

/** `energy.evidence`: the transcript whose digest a proof carries. It changes no verdict. */
export const energyEvidence: RecordKind = poolKind(
  'energy.evidence',
  { proof: reference('energy.prove'), transcript: bytes(valueBytesMax) },
  {
    check(_state, value, judging) {
      const { author, outcome } = named(judging, value.proof, 'proof')
      if (digestOf(value.transcript) !== outcome.evidence) {
        const message = 'the proof does not carry the digest of this transcript'
        return fault('unknown-reference', message, value.proof)
      }
      return author === judging.author
        ? null
        : fault('not-authorised', 'the proof is another society’s', value.proof)
    },
    apply: (_state, { proof, transcript }) => ({
      type: 'transcript',
      proof,
      digest: digestOf(transcript),
    }),
  },
)
