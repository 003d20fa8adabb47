import {
  attestedLevel,
  beats,
  claimStanding,
  doubtOf,
  type Attestation,
  type Claim,
  type ClaimStanding,
  type Evidenced,
  type Judged,
  type RecordId,
  type SocietyKey,
  type Source,
  type TrustState,
} from '../../protocol/index.ts'
import type { RecordObserver } from '../ledger/observer.ts'
import { namesSweep } from '../limits.ts'
import type { StoreWrite } from '../ports.ts'
import { Choice, type ChoiceParts } from './choice.ts'

/** An attestation with the witness that signed it. */
export type Witnessed = Attestation & { readonly witness: SocietyKey }

/** A retirement by which a source was given up. */
export type Retirement = {
  readonly society: SocietyKey
  readonly record: RecordId
  readonly at: number
}

function put<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const known = index.get(key)
  if (known === undefined) index.set(key, new Set([value]))
  else known.add(value)
}

function take<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const known = index.get(key)
  if (known?.delete(value) === true && known.size === 0) index.delete(key)
}

/**
 * Who claims which source and who has witnessed it, over all documents held, kept in step record
 * by record. Holds names alone: what a claim is worth is read from the states when it is asked.
 */
export class Claims implements RecordObserver {
  /** Who may witness which proof. */
  readonly choice: Choice
  readonly #parts: ChoiceParts
  readonly #claimants: Map<string, Set<SocietyKey>> = new Map()
  readonly #witnesses: Map<RecordId, Set<SocietyKey>> = new Map()
  /** Societies whose proofs bring a transcript, by its digest. */
  readonly #evidenced: Map<string, Set<SocietyKey>> = new Map()
  #sweepAt = namesSweep
  #sweepEvidenceAt = namesSweep

  constructor(parts: ChoiceParts) {
    this.#parts = parts
    this.choice = new Choice(parts)
  }

  /** Builds the index from the states held, once when they have been loaded. */
  load(): void {
    for (const { society, sources, attested } of this.#parts.held().trusts()) {
      for (const source of sources.values()) this.#noteProof(society, source)
      for (const proof of attested.keys()) put(this.#witnesses, proof, society)
    }
  }

  /** Takes a judged record into account. Nothing of this is stored: the states hold it. */
  consider({ author, outcome }: Judged): readonly StoreWrite[] {
    if (outcome?.type === 'proof') {
      const source = this.#parts.held().trust(author).sources.get(outcome.source)
      if (source !== undefined) this.#noteProof(author, source)
    }
    if (outcome?.type === 'attestation') {
      put(this.#witnesses, outcome.proof, author)
      if (this.#witnesses.size > this.#sweepAt) this.#forgetOld()
    }
    return []
  }

  /** A society is not held any more: it claims nothing, and is no witness. */
  gone({ society, sources, attested }: TrustState): void {
    for (const { id, evidence } of sources.values()) {
      take(this.#claimants, id, society)
      if (evidence !== null) take(this.#evidenced, evidence, society)
    }
    for (const proof of attested.keys()) take(this.#witnesses, proof, society)
  }

  #noteProof(society: SocietyKey, { id, evidence }: Source): void {
    put(this.#claimants, id, society)
    if (evidence === null) return
    put(this.#evidenced, evidence, society)
    if (this.#evidenced.size > this.#sweepEvidenceAt) this.#forgetEvidence()
  }

  /** Forgets transcripts that are those of no newest proof any more. */
  #forgetEvidence(): void {
    const kept = new Set<string | null>()
    for (const { sources } of this.#parts.held().trusts()) {
      for (const { evidence } of sources.values()) kept.add(evidence)
    }
    for (const digest of this.#evidenced.keys()) {
      if (!kept.has(digest)) this.#evidenced.delete(digest)
    }
    this.#sweepEvidenceAt = 2 * this.#evidenced.size + namesSweep
  }

  /** Forgets proofs whose attestations the states have forgotten. */
  #forgetOld(): void {
    for (const proof of this.#witnesses.keys()) {
      if (this.attestationsOf(proof).length === 0) this.#witnesses.delete(proof)
    }
    this.#sweepAt = 2 * this.#witnesses.size + namesSweep
  }

  #counts(society: SocietyKey): boolean {
    const { members, isCaught } = this.#parts
    return members().has(society) && !isCaught(society)
  }

  /** What witnesses say of a proof, whoever they are; in the order of their ids. */
  attestationsOf(proof: RecordId): readonly Witnessed[] {
    const witnesses = [...(this.#witnesses.get(proof) ?? [])].sort()
    return witnesses.flatMap((witness) => {
      const attestation = this.#parts.held().trust(witness).attested.get(proof)
      return attestation === undefined ? [] : [{ ...attestation, witness }]
    })
  }

  /** What those say of a proof who were chosen as its witnesses. */
  witnessesOf(proof: RecordId): readonly Witnessed[] {
    return this.attestationsOf(proof).filter(
      ({ witness, draw, ...proven }) =>
        this.#counts(witness) && this.choice.isChosen(witness, { ...proven, proof }, draw),
    )
  }

  /** Everybody who ever claimed a source, and who attests of a proof of it. */
  partiesOf(source: string, proof: RecordId): Iterable<SocietyKey> {
    return [...(this.#claimants.get(source) ?? []), ...(this.#witnesses.get(proof) ?? [])]
  }

  /** Assurance of a proof that has a level of its own, with what its witnesses attest of it. */
  levelOf(proof: RecordId, own: number): number {
    const confirmed = this.witnessesOf(proof).filter(({ verdict }) => verdict)
    return attestedLevel(
      own,
      confirmed.map(({ level }) => level),
    )
  }

  #claimOf(society: SocietyKey, source: Source): Claim {
    const { claims } = this.#parts.held().trust(society)
    const { proof, claimedAt, retiredAt } = source
    const since = claims.get(source.id)?.since ?? claimedAt
    const heldSince = Math.max(claimedAt, this.#parts.members().get(society) ?? claimedAt)
    return {
      society,
      proof,
      level: this.levelOf(proof, source.assurance),
      since,
      heldSince,
      retiredAt,
    }
  }

  /** Societies that claim a source or ever did, members or not, sorted. */
  claimantsOf(source: string): readonly SocietyKey[] {
    return [...(this.#claimants.get(source) ?? [])].sort()
  }

  /** Claims of a source by members, those that are retired too. */
  claimsOf(source: string): readonly Claim[] {
    return this.claimantsOf(source).flatMap((society) => {
      const claimed = this.#parts.held().trust(society).sources.get(source)
      return claimed === undefined || !this.#counts(society)
        ? []
        : [this.#claimOf(society, claimed)]
    })
  }

  /** How a society's claim of a source stands. */
  standing(society: SocietyKey, source: Source): ClaimStanding {
    if ((this.#claimants.get(source.id)?.size ?? 0) < 2) return { state: 'holds', rival: null }
    return claimStanding(this.#claimOf(society, source), this.claimsOf(source.id))
  }

  /** The rival that puts in doubt what a society charged on a source at an instant, if one does. */
  doubt(society: SocietyKey, source: Source, chargedAt: number): Claim | undefined {
    if ((this.#claimants.get(source.id)?.size ?? 0) < 2) return undefined
    return doubtOf(this.#claimOf(society, source), this.claimsOf(source.id), chargedAt)
  }

  /**
   * The rival for whom a society must not write a proof of a level: for a new claim any that it
   * would not beat, for the renewal of one any that would beat it.
   */
  obstacle(society: SocietyKey, source: string, level: number, now: number): Claim | undefined {
    const rivals = this.claimsOf(source).filter(
      (claim) => claim.society !== society && claim.retiredAt === null,
    )
    if (rivals.length === 0) return undefined
    const before = this.#parts.held().trust(society).sources.get(source)
    if (before === undefined || before.retired !== null) {
      const heldSince = now
      const fresh = {
        society,
        proof: '' as RecordId,
        level,
        since: now,
        heldSince,
        retiredAt: null,
      }
      return rivals.find((rival) => !beats(fresh, rival))
    }
    const standing = this.#claimOf(society, before)
    const isGap = now >= before.staleAt
    const renewed = {
      ...standing,
      // Its witnesses are expected to come back; a mere claim they would not lift.
      level: level < 1 ? level : Math.max(level, standing.level),
      heldSince: isGap ? now : standing.heldSince,
    }
    return rivals.find((rival) => beats(rival, renewed))
  }

  /**
   * What those who gave a source up before a society claimed it charged on it and have not
   * discharged yet, in mATP, and the newest of their retirements; undefined where nothing is left.
   */
  leftBehind(
    society: SocietyKey,
    source: Source,
    now: number,
  ): { readonly amount: number; readonly record: RecordId | null } | undefined {
    if ((this.#claimants.get(source.id)?.size ?? 0) < 2) return undefined
    const own = this.#claimOf(society, source)
    let amount = 0
    let last: Claim | undefined
    for (const claim of this.claimsOf(source.id)) {
      const { retiredAt } = claim
      if (claim.society === society || retiredAt === null || retiredAt > own.since) continue
      for (const held of this.#parts.held().pool(claim.society).occupations.values()) {
        const { sources, chargedAt, expiresAt } = held
        if (!sources.includes(source.id) || chargedAt > retiredAt || expiresAt < now) continue
        amount += held.amount - held.discharged
      }
      if (last === undefined || retiredAt > (last.retiredAt ?? 0)) last = claim
    }
    if (last === undefined || amount === 0) return undefined
    const record = this.#parts.held().trust(last.society).sources.get(source.id)?.retired ?? null
    return { amount, record }
  }

  /** Members whose newest proofs, of whatever source, bring the transcript of this one's. */
  sameEvidence(society: SocietyKey, source: string): readonly Evidenced[] {
    const { evidence } = this.#parts.held().trust(society).sources.get(source) ?? {}
    return evidence === undefined || evidence === null ? [] : this.evidencedBy(evidence)
  }

  /** Members whose newest proofs, of whatever source, bring a transcript; by its SHA-256 in hex. */
  evidencedBy(evidence: string): readonly Evidenced[] {
    const societies = [...(this.#evidenced.get(evidence) ?? [])].sort()
    return societies.flatMap((other) => {
      if (!this.#counts(other)) return []
      const { sources } = this.#parts.held().trust(other)
      return [...sources.values()]
        .filter((claimed) => claimed.evidence === evidence)
        .map((claimed) => ({ ...this.#claimOf(other, claimed), source: claimed.id }))
    })
  }

  /** The newest retirement of a source by anybody who claimed it. */
  lastRetirement(source: string): Retirement | undefined {
    let last: Retirement | undefined
    for (const society of [...(this.#claimants.get(source) ?? [])].sort()) {
      const claimed = this.#parts.held().trust(society).sources.get(source)
      const record = claimed?.retired ?? null
      const at = claimed?.retiredAt ?? null
      if (record === null || at === null || !this.#counts(society)) continue
      if (last === undefined || at > last.at) last = { society, record, at }
    }
    return last
  }
}
