import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { bytesOfKey, bytesOfRecordId, type RecordId, type SocietyKey } from '../identity.ts'
import { assuranceMax, witnessesForLevel } from './assurance.ts'

/**
 * How a witness's look reached a source: `direct`, at an address that its own operator allows, or
 * by the nodes of those whom work was done for; `sealed`, through the claimant's node under the key
 * of a device that a maker's certificate names, or of a server that a root vouches for;
 * `relayed`, through the claimant's node in the clear; `node`, an answer of the claimant's node.
 */
export type WitnessPath = 'direct' | 'sealed' | 'relayed' | 'node'

/**
 * Highest level that a look by each path bears out. What came through the claimant's own node
 * unsealed is the claimant's word once more, however often it is asked: no more than level 1.
 */
export const pathLevelMax: Readonly<Record<WitnessPath, number>> = {
  direct: assuranceMax,
  sealed: assuranceMax,
  relayed: 1,
  node: 1,
}

/** Whether a text is a path. */
export function isWitnessPath(text: string): text is WitnessPath {
  return Object.hasOwn(pathLevelMax, text)
}

/**
 * Witnesses that may be tried for one proof, the first of the ranking: two are needed, and of six
 * two are reachable in 89 of 100 cases even where half of all nodes are off. More would make it
 * easier to have two of one's own among them.
 */
export const witnessesTriedMax = 6
/** Societies that may draw the witnesses of a proof: the candidates that were admitted first. */
export const drawersMax = 3

/** A draw of witnesses by lot: by whom, and its signature over the proof (64 bytes in hex). */
export type Draw = { readonly by: SocietyKey; readonly signature: string }

function rankOf(proof: RecordId, draw: string | null, society: SocietyKey): string {
  const drawn = new TextEncoder().encode(`society/1/witness\0${draw ?? ''}`)
  const id = bytesOfRecordId(proof)
  const key = bytesOfKey(society)
  const bytes = new Uint8Array(drawn.length + id.length + key.length)
  bytes.set(drawn)
  bytes.set(id, drawn.length)
  bytes.set(key, drawn.length + id.length)
  return bytesToHex(sha256(bytes))
}

/**
 * Candidates in the order in which they are to be asked to witness a proof: by the SHA-256 of
 * `society/1/witness`, a zero byte, the draw's signature in hex if there is one, the proof's id (34
 * bytes) and the candidate's key (32 bytes).
 */
export function rankedWitnesses(
  proof: RecordId,
  draw: string | null,
  candidates: readonly SocietyKey[],
): readonly SocietyKey[] {
  const ranked = candidates.map((society) => ({ society, rank: rankOf(proof, draw, society) }))
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1))
  return ranked.map(({ society }) => society)
}

/**
 * Whether a society is chosen as a witness of a proof. With no more candidates than may be tried
 * everybody is. Otherwise the draw decides, and it must be by one of the first candidates: a
 * claimant could try out ids until one ranks its friends first, but cannot foresee a signature.
 * `candidates` are in the order in which they were admitted.
 */
export function isChosenWitness(
  society: SocietyKey,
  proof: RecordId,
  draw: Draw | null,
  candidates: readonly SocietyKey[],
): boolean {
  if (candidates.length <= witnessesTriedMax) return candidates.includes(society)
  if (draw === null || !candidates.slice(0, drawersMax).includes(draw.by)) return false
  const ranked = rankedWitnesses(proof, draw.signature, candidates)
  return ranked.slice(0, witnessesTriedMax).includes(society)
}

/**
 * Who may witness a society's proof: everybody else but its kin (parent and children), for they
 * are not independent of it. Where fewer than two others would be left, kin may stand in.
 */
export function witnessCandidates(
  others: readonly SocietyKey[],
  kin: ReadonlySet<SocietyKey>,
): readonly SocietyKey[] {
  const independent = others.filter((society) => !kin.has(society))
  return independent.length < witnessesForLevel ? others : independent
}
