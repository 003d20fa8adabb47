import { bytesToHex } from '@noble/hashes/utils.js'
import { assuranceMax, witnessedLevel } from '../claims/assurance.ts'
import { isWitnessPath, pathLevelMax, type Draw } from '../claims/witnesses.ts'
import { fault, type Fault } from '../codes.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import { attestedSamplesMax, attestationsKeptMs, nameLengthMax } from '../limits.ts'
import type { Attestation, TrustState } from '../ledger/trust-state.ts'
import { drawMessage } from '../statements.ts'
import { named, trustKind, type Judging, type RecordKind } from './kind.ts'
import { digest, flag, integer, key, optional, reference, signature, text } from './schema.ts'

type Value = {
  readonly proof: RecordId
  readonly verdict: boolean
  readonly level: number
  readonly samples: number
  readonly path: string | undefined
  readonly evidence: string | undefined
  readonly drawnBy: SocietyKey | undefined
  readonly draw: Uint8Array | undefined
}

/** Forgets attestations so old that no live ATP can have been charged against their proofs. */
function forgetOld(state: TrustState, time: number): void {
  for (const [proof, { at }] of state.attested) {
    if (time - at <= attestationsKeptMs) break
    state.attested.delete(proof)
  }
}

function shapeFault({ level, path, drawnBy, draw }: Value): Fault | null {
  if (path !== undefined && !isWitnessPath(path)) {
    return fault('malformed', `path must be one of ${Object.keys(pathLevelMax).join(', ')}`)
  }
  const most = path === undefined ? assuranceMax : pathLevelMax[path]
  const least = Math.min(witnessedLevel, most)
  if (level < least || level > most) {
    return fault('malformed', `level must be from ${least} to ${most} for such a look`)
  }
  return (drawnBy === undefined) === (draw === undefined)
    ? null
    : fault('malformed', 'a draw has somebody who drew it')
}

function check(value: Value, judging: Judging): Fault | null {
  const { proof, drawnBy, draw } = value
  const { author, outcome } = named(judging, proof, 'proof')
  if (author === judging.author) {
    return fault('not-authorised', 'a society is no witness of its own proof', proof)
  }
  if (judging.time >= outcome.staleAt) {
    return fault('proof-stale', 'the proof is too old to be witnessed', proof)
  }
  if (outcome.assurance < 1) {
    return fault('unverified-source', 'the source is only claimed', proof)
  }
  if (drawnBy === undefined || draw === undefined) return null
  if (drawnBy === author) {
    return fault('not-authorised', 'a claimant does not draw its own witnesses', proof)
  }
  return judging.lookup.verify(draw, drawMessage(proof), drawnBy)
    ? null
    : fault('bad-signature', 'the draw is not signed by who is said to have drawn it', proof)
}

function drawOf({ drawnBy, draw }: Value): Draw | null {
  return drawnBy === undefined || draw === undefined
    ? null
    : { by: drawnBy, signature: bytesToHex(draw) }
}

/** The statement that a new one contradicts, its own or the one that the one before did. */
function contradictedBy(verdict: boolean, before: Attestation | undefined): RecordId | null {
  if (before === undefined) return null
  return before.verdict === verdict ? before.contradicts : before.id
}

function attestationOf(state: TrustState, value: Value, judging: Judging): Attestation {
  const { proof, verdict, level, samples, path, evidence } = value
  const { author, time } = named(judging, proof, 'proof')
  return {
    id: judging.id,
    at: judging.time,
    verdict,
    level,
    samples,
    path: path !== undefined && isWitnessPath(path) ? path : null,
    evidence: evidence ?? null,
    draw: drawOf(value),
    prover: author,
    provenAt: time,
    contradicts: contradictedBy(verdict, state.attested.get(proof)),
  }
}

/**
 * `energy.attest`: another society's proof, checked by this one as a witness. `level` is what its
 * own look at the source bears out: 1 that the claimant's node answered, 2 that the source did, 3
 * its history as well, 4 its maker's key.
 */
export const energyAttest: RecordKind = trustKind(
  'energy.attest',
  {
    proof: reference('energy.prove'),
    /** Whether the witness found what the proof says. */
    verdict: flag,
    level: integer(1, assuranceMax),
    samples: integer(1, attestedSamplesMax),
    /** How it looked (`WitnessPath`), and the digest of its own transcript. */
    path: optional(text(nameLengthMax)),
    evidence: optional(digest),
    /** By which it was chosen: a society's signature over the proof, and that society. */
    drawnBy: optional(key),
    draw: optional(signature),
  },
  {
    shape: shapeFault,
    check: (_state, value, judging) => check(value, judging),
    apply(state, value, judging) {
      const { proof, verdict, level } = value
      const { author: prover, outcome } = named(judging, proof, 'proof')
      const attestation = attestationOf(state, value, judging)
      forgetOld(state, judging.time)
      // The newest word counts, and is the last to be forgotten.
      state.attested.delete(proof)
      state.attested.set(proof, attestation)
      const { source } = outcome
      const { evidence = null } = value
      return { type: 'attestation', proof, prover, source, verdict, level, evidence }
    },
  },
)
