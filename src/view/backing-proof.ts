import {
  actorOf,
  didOf,
  fromMilli,
  isTestFederation,
  leftAt,
  witnessesForLevel,
  type OutcomeOf,
  type RecordId,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Claims, Witnessed } from '../claims/claims.ts'
import type { ProofIndex } from '../claims/proof-index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Forks } from '../ledger/forks.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { renewalsFollowedMax } from '../limits.ts'
import { backingProblem, type BackingProblem } from './backing-problem.ts'
import { contradictions } from './backing-witnesses.ts'

/** What proofs are judged by in an answer about backing. */
export type ProofKnowledge = {
  readonly held: DocumentsHeld
  readonly index: Index
  readonly claims: Claims
  readonly forks: Forks
  readonly proofs: ProofIndex
  /** Society whose answer it is: its federation and policy count. */
  readonly viewer: SocietyKey
  readonly now: number
}

/** A proof with what stands behind it and what speaks against it, whatever was charged when. */
export type ReadProof = {
  readonly record: Recorded
  readonly proof: OutcomeOf<'proof'>
  /** Witnesses taken into account. */
  readonly level: number
  /** The record that holds its transcript; null where none is here. */
  readonly transcript: Recorded | null
  /** Members' word about it. */
  readonly witnesses: readonly Witnessed[]
  /** Statements about it that contradict each other; by themselves they unprove nothing. */
  readonly contradictions: readonly BackingProblem[]
  readonly problems: readonly BackingProblem[]
}

/** Something charged on a source at an instant. */
export type Charged = { readonly charger: SocietyKey; readonly chargedAt: number }

/** Reads proofs for one answer, each once. */
export class ProofReader {
  readonly #known: ProofKnowledge
  readonly #read: Map<RecordId, Promise<ReadProof | undefined>> = new Map()
  readonly #successors: Map<RecordId, Promise<Recorded | undefined>> = new Map()

  constructor(known: ProofKnowledge) {
    this.#known = known
  }

  /** A proof by its id; undefined where there is none here. */
  read(id: RecordId): Promise<ReadProof | undefined> {
    const known = this.#read.get(id) ?? this.#readOnce(id)
    this.#read.set(id, known)
    return known
  }

  async #readOnce(id: RecordId): Promise<ReadProof | undefined> {
    const { index, claims } = this.#known
    const record = await index.record(id)
    if (record?.outcome?.type !== 'proof') return undefined
    const proof = record.outcome
    const transcript = (await this.#transcriptOf(id, proof.evidence)) ?? null
    const read = {
      record,
      proof,
      level: claims.levelOf(id, proof.assurance),
      transcript,
      witnesses: claims.witnessesOf(id),
      contradictions: contradictions(id, claims),
    }
    return { ...read, problems: [...this.#faultsOf(read), ...this.#leftOf(read)] }
  }

  /** A record that counts: not past the end of a document with two pasts. */
  async #counting(id: RecordId | undefined): Promise<Recorded | undefined> {
    const { index, forks } = this.#known
    const record = id === undefined ? undefined : await index.record(id)
    if (record === undefined) return undefined
    return record.seq < forks.placeOf(actorOf(record.document, record.author)) ? record : undefined
  }

  async #transcriptOf(id: RecordId, digest: string | null): Promise<Recorded | undefined> {
    if (digest === null) return undefined
    return this.#counting(await this.#known.proofs.transcriptOf(id, digest))
  }

  /** What the proof itself lacks. */
  #faultsOf(read: Omit<ReadProof, 'problems'>): readonly BackingProblem[] {
    const { held, viewer } = this.#known
    const { record, proof, level, transcript, witnesses } = read
    const { founding, policy } = held.trust(viewer)
    const problems: BackingProblem[] = []
    const add = (code: BackingProblem['code'], message: string, about: RecordId): void => {
      problems.push(backingProblem(code, message, about))
    }
    const refuted = witnesses.filter(({ verdict }) => !verdict)
    const [first] = refuted
    if (first !== undefined && refuted.length >= witnessesForLevel) {
      add('implausible-proof', 'witnesses refute its proof', first.id)
    }
    if (proof.unmeasured) {
      add('implausible-proof', 'it shows more, or a later time, than was measured', record.id)
    }
    if (transcript === null) {
      add('unverified-source', 'the transcript of its proof is missing here', record.id)
    }
    if (level < policy.acceptAssurance) {
      const accepted = `is accepted from level ${policy.acceptAssurance}`
      add('unverified-source', `its proof is of level ${level}; ATP ${accepted}`, record.id)
    }
    if (proof.simulated && !isTestFederation(founding?.federation ?? '')) {
      add('not-authorised', 'simulated devices prove nothing outside test federations', record.id)
    }
    return problems
  }

  /** What an earlier holder's charges occupy beyond what its retirement told. */
  #leftOf({ record, proof }: Omit<ReadProof, 'problems'>): readonly BackingProblem[] {
    const { held, claims, now } = this.#known
    const source = held.trust(record.author).sources.get(proof.source)
    const left = source && claims.leftBehind(record.author, source, now)
    if (left === undefined || left.amount <= leftAt(source?.inherited ?? [], now)) return []
    const message = `${fromMilli(left.amount)} ATP of who held its source before still occupy it`
    return [backingProblem('insufficient-capacity', message, left.record)]
  }

  /** What speaks against charging on a proof at an instant. */
  async chargeProblems(
    { record, proof }: ReadProof,
    { charger, chargedAt }: Charged,
  ): Promise<readonly BackingProblem[]> {
    const { held, claims } = this.#known
    const outlived = await this.#outlived(record.id, proof.capacity, chargedAt)
    const problems = outlived === undefined ? [] : [outlived]
    const source = held.trust(charger).sources.get(proof.source)
    const rival = source && claims.doubt(charger, source, chargedAt)
    if (source === undefined || rival === undefined) return problems
    const { state } = claims.standing(charger, source)
    const code = state === 'beaten' ? 'source-claimed' : 'source-contested'
    const message = `charged while ${didOf(rival.society)} claimed its source as well`
    return [...problems, backingProblem(code, message, rival.proof)]
  }

  /** Whether the source was retired, or a smaller measurement of it recorded, before the charge. */
  async #outlived(
    id: RecordId,
    capacity: number,
    chargedAt: number,
  ): Promise<BackingProblem | undefined> {
    let at = id
    for (let renewals = 0; renewals < renewalsFollowedMax; renewals++) {
      const next = await this.#successorOf(at)
      if (next === undefined || next.time >= chargedAt) return undefined
      if (next.outcome?.type !== 'proof') {
        return backingProblem('already-ended', 'charged after its source was retired', next.id)
      }
      if (next.outcome.capacity < capacity) {
        const message = 'charged on more than the newest measurement of its source then showed'
        return backingProblem('proof-stale', message, next.id)
      }
      at = next.id
    }
    const message = 'charged on a measurement that was long replaced by newer ones'
    return backingProblem('proof-stale', message, id)
  }

  #successorOf(id: RecordId): Promise<Recorded | undefined> {
    const known = this.#successors.get(id) ?? this.#findSuccessor(id)
    this.#successors.set(id, known)
    return known
  }

  async #findSuccessor(id: RecordId): Promise<Recorded | undefined> {
    return this.#counting(await this.#known.proofs.successorOf(id))
  }
}
