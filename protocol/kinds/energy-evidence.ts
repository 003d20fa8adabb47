import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { fault } from '../codes.ts'
import { valueBytesMax } from '../limits.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { bytes, reference } from './schema.ts'

/** `energy.evidence`: the transcript whose digest a proof carries. It changes no verdict. */
export const energyEvidence: RecordKind = poolKind(
  'energy.evidence',
  { proof: reference('energy.prove'), transcript: bytes(valueBytesMax) },
  {
    check(_state, value, judging) {
      return named(judging, value.proof, 'proof').author === judging.author
        ? null
        : fault('not-authorised', 'the proof is another society’s', value.proof)
    },
    apply: (_state, { proof, transcript }) => ({
      type: 'transcript',
      proof,
      digest: bytesToHex(sha256(transcript)),
    }),
  },
)
