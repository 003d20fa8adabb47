import {
  advancePool,
  copyPool,
  didOf,
  fromMilli,
  lotTotal,
  type Lot,
  type RecordId,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { Transcripts } from '../claims/transcripts.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Forks } from '../ledger/forks.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { lieProblems } from './backing-lies.ts'
import { backingProblem, proofProblems, type BackingProblem } from './backing-proof.ts'
import { contradictions, witnessViews, type WitnessView } from './backing-witnesses.ts'

/** May I take this society's ATP, and why. Amounts are decimals of ATP. */
export type BackingView = {
  readonly society: string
  readonly claimed: number
  readonly proven: number
  readonly byAssurance: Readonly<Record<string, number>>
  readonly batches: readonly {
    readonly id: string
    readonly amount: number
    readonly source: string
    readonly charger: string
    readonly assurance: number
    readonly simulated: boolean
    readonly expiresAt: string
    readonly witnesses: readonly WitnessView[]
    /** Record ids from the claim or take back to charge and proof. */
    readonly chain: readonly string[]
  }[]
  readonly problems: readonly BackingProblem[]
  readonly verdict: 'backed' | 'partly' | 'unbacked'
}

/** Hand-overs that a lot can have passed: bounds the walk back to its charge. */
const handoversMax = 64

type Walk = { readonly chain: readonly string[]; readonly problems: readonly BackingProblem[] }

/** The record by which a hand-over's slice came to its giver: the key of the giver's lot. */
function bringerOf(record: Recorded, batch: RecordId): RecordId | undefined {
  const { outcome } = record
  if (outcome?.type !== 'grant' && outcome?.type !== 'settlement') return undefined
  const slice = outcome.slices.find((each) => each.batch === batch)
  return slice === undefined
    ? undefined
    : (slice.lot.slice(0, slice.lot.lastIndexOf('/')) as RecordId)
}

/** The hand-over that a take or claim claimed. */
function claimedBy(record: Recorded): RecordId | undefined {
  const { outcome } = record
  if (outcome?.type === 'take') return outcome.handover
  return outcome?.type === 'claim' ? outcome.settlement : undefined
}

/** Walks from the record that brought a lot back to the charge that made its batch. */
async function walkBack(index: Index, lot: Lot): Promise<Walk> {
  const chain: string[] = []
  let at: RecordId | undefined = lot.key.slice(0, lot.key.lastIndexOf('/')) as RecordId
  for (let steps = 0; at !== undefined && steps < handoversMax; steps++) {
    const record: Recorded | undefined = await index.record(at)
    if (record === undefined) {
      return {
        chain,
        problems: [backingProblem('unknown-reference', 'a record is missing here', at)],
      }
    }
    chain.push(at)
    if (record.kind === 'atp.charge') {
      const same = at === lot.batch
      const problems = same
        ? []
        : [backingProblem('unknown-reference', 'ends at another charge', at)]
      return { chain: [...chain, lot.proof], problems }
    }
    const handover: RecordId | undefined = claimedBy(record)
    const giver: Recorded | undefined =
      handover === undefined ? undefined : await index.record(handover)
    if (giver === undefined || handover === undefined) break
    chain.push(handover)
    at = bringerOf(giver, lot.batch)
  }
  return {
    chain,
    problems: [backingProblem('unknown-reference', 'no way back to a charge', lot.batch)],
  }
}

/** What backing is judged from: records held, and what follows from them. */
export type BackingKnowledge = {
  readonly index: Index
  readonly held: DocumentsHeld
  readonly claims: Claims
  readonly transcripts: Transcripts
  readonly forks: Forks
}

/** Each problem once, however many batches it is one of. */
function once(problems: readonly BackingProblem[]): readonly BackingProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

/** The backing of what a society holds now, from records alone. */
export async function viewBacking(
  known: BackingKnowledge,
  society: SocietyKey,
  now: number,
): Promise<BackingView> {
  const { index, held, claims, forks } = known
  const pool = copyPool(held.pool(society))
  advancePool(pool, Math.max(now, pool.time))
  const batches: BackingView['batches'][number][] = []
  const problems: BackingProblem[] = []
  const contradicted: BackingProblem[] = []
  const byAssurance: Record<string, number> = {}
  let claimed = 0
  let proven = 0
  for (const lot of pool.lots.values()) {
    const amount = lotTotal(lot) - lot.lent
    if (amount === 0) continue
    const walk = await walkBack(index, lot)
    const proof = await index.record(lot.proof)
    const lies = await lieProblems({ index, forks }, society, walk.chain)
    const found = [...walk.problems, ...proofProblems(lot, proof, { held, claims, now }), ...lies]
    const own = proof?.outcome?.type === 'proof' ? proof.outcome.assurance : 0
    const assurance = claims.levelOf(lot.proof, own)
    claimed += amount
    if (found.length === 0) {
      proven += amount
      byAssurance[assurance] = (byAssurance[assurance] ?? 0) + fromMilli(amount)
    }
    problems.push(...found)
    contradicted.push(...contradictions(lot.proof, claims))
    batches.push({
      id: lot.batch,
      amount: fromMilli(amount),
      source: lot.source,
      charger: didOf(lot.charger),
      assurance,
      simulated: held.trust(lot.charger).sources.get(lot.source)?.simulated ?? false,
      expiresAt: new Date(lot.expiresAt).toISOString(),
      witnesses: await witnessViews(lot.proof, lot.source, known),
      chain: walk.chain,
    })
  }
  const verdict = proven === claimed && claimed > 0 ? 'backed' : proven > 0 ? 'partly' : 'unbacked'
  return {
    society: didOf(society),
    claimed: fromMilli(claimed),
    proven: fromMilli(proven),
    byAssurance,
    batches,
    problems: [...problems, ...once(contradicted)],
    verdict,
  }
}
