import {
  advancePool,
  copyPool,
  didOf,
  fromMilli,
  lotTotal,
  type Lot,
  type PoolState,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import { walkBack } from './backing-chain.ts'
import { wordProblems, type WordParts } from './backing-lies.ts'
import { backingProblem, type BackingProblem } from './backing-problem.ts'
import { ProofReader, type ProofKnowledge, type ReadProof } from './backing-proof.ts'
import { viewWitness, type WitnessView } from './backing-witnesses.ts'
import { BackingSums, type BackingSource, type SourceRef, type Sum } from './backing-sums.ts'

/** ATP of one batch that a society holds. */
export type BackingBatch = {
  readonly id: string
  readonly amount: number
  readonly source: string
  readonly expiresAt: string
  /**
   * Record ids: from the claim or take by which it came, back over every hand-over to the charge;
   * then the proof with its transcript and the attestations of witnesses, and the same for what
   * powers its source.
   */
  readonly chain: readonly string[]
  /** Who charged it, and to whose ADP pool it falls back: another's where it is borrowed. */
  readonly charger: string
  readonly owner: string
  readonly assurance: number
  readonly simulated: boolean
  readonly proven: boolean
  /** What the chosen witnesses of its proof say. */
  readonly witnesses: readonly WitnessView[]
}

/** May I take this society's ATP, and why. Amounts are decimals of ATP, watts decimals of W. */
export type BackingView = {
  readonly society: string
  readonly claimed: number
  readonly proven: number
  /** Proven ATP by level. */
  readonly byAssurance: Readonly<Record<string, number>>
  readonly batches: readonly BackingBatch[]
  /** Each once, with the ATP that is not proven because of it. */
  readonly problems: readonly (BackingProblem & { readonly amount: number })[]
  readonly verdict: 'backed' | 'partly' | 'unbacked'
  /** The instant for which it holds, and whose view it is: its members, and what it accepts. */
  readonly at: string
  readonly viewer: string
  readonly federation: string | null
  readonly acceptAssurance: number
  readonly claimedByAssurance: Readonly<Record<string, number>>
  /** By the day (UTC) on which it expires. */
  readonly byExpiry: Readonly<Record<string, Sum>>
  readonly sources: readonly BackingSource[]
}

/** What an answer about backing is made from. */
export type BackingParts = Omit<ProofKnowledge, 'now'> & WordParts

/** A lot with what was found about it. */
type Found = {
  readonly lot: Lot
  /** mATP that the society has of it itself. */
  readonly amount: number
  readonly chain: readonly Recorded[]
  readonly proofs: readonly ReadProof[]
  readonly problems: readonly BackingProblem[]
}

/** The records behind one proof: itself, its transcript, and who witnessed it. */
function behind({ record, transcript, witnesses }: ReadProof): readonly string[] {
  const confirmed = witnesses.filter(({ verdict }) => verdict)
  return [
    record.id,
    ...(transcript === null ? [] : [transcript.id]),
    ...confirmed.map(({ id }) => id),
  ]
}

async function look(
  parts: BackingParts,
  reader: ProofReader,
  holder: SocietyKey,
  lot: Lot,
): Promise<Found> {
  const { records, charge, problems: lost } = await walkBack(parts.index, lot)
  const supplies = charge?.outcome?.type === 'charge' ? charge.outcome.supplies : []
  const proofs: ReadProof[] = []
  const problems: BackingProblem[] = [...lost]
  for (const id of [lot.proof, ...supplies]) {
    const read = await reader.read(id)
    if (read === undefined) {
      problems.push(backingProblem('unknown-reference', 'the proof is missing here', id))
      continue
    }
    proofs.push(read)
    problems.push(...read.problems, ...(await reader.chargeProblems(read, lot)))
  }
  const named = proofs.flatMap(({ record, transcript }) => [record, transcript ?? []].flat())
  problems.push(...wordProblems(parts, holder, [...records, ...named]))
  return { lot, amount: lotTotal(lot) - lot.lent, chain: records, proofs, problems }
}

/** ATP is no better proven than the least of what it was charged on. */
const levelOf = ({ proofs }: Found): number =>
  proofs.length === 0 ? 0 : Math.min(...proofs.map(({ level }) => level))

function batchOf(found: Found): BackingBatch {
  const { lot, amount, chain, proofs, problems } = found
  return {
    id: lot.batch,
    amount: fromMilli(amount),
    source: lot.source,
    expiresAt: new Date(lot.expiresAt).toISOString(),
    chain: [...chain.map(({ id }) => id), ...proofs.flatMap(behind)],
    charger: didOf(lot.charger),
    owner: didOf(lot.owner),
    assurance: levelOf(found),
    simulated: proofs.some(({ proof }) => proof.simulated),
    proven: problems.length === 0,
    witnesses: proofs
      .filter(({ record }) => record.id === lot.proof)
      .flatMap(({ witnesses }) => witnesses.map(viewWitness)),
  }
}

/** The problems of all batches, each once, in the order in which they come up. */
function problemsOf(all: readonly Found[]): BackingView['problems'] {
  const sums = new Map<string, { problem: BackingProblem; amount: number }>()
  for (const { problems, amount } of all) {
    const own = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
    for (const [key, problem] of own) {
      sums.set(key, { problem, amount: (sums.get(key)?.amount ?? 0) + amount })
    }
  }
  // What contradicts itself is to be seen, though nothing is less proven for it.
  for (const problem of all.flatMap(({ proofs }) =>
    proofs.flatMap((read) => read.contradictions),
  )) {
    const key = JSON.stringify(problem)
    sums.set(key, sums.get(key) ?? { problem, amount: 0 })
  }
  return [...sums.values()].map(({ problem, amount }) => ({
    ...problem,
    amount: fromMilli(amount),
  }))
}

function sumsOf(all: readonly Found[]): BackingSums {
  const sums = new BackingSums()
  for (const found of all) {
    const { lot, amount, proofs, problems } = found
    const { charger, source, expiresAt } = lot
    const powered = proofs.flatMap(({ record, proof }): readonly SourceRef[] =>
      record.id === lot.proof ? [] : [{ charger: record.author, source: proof.source }],
    )
    const of = { charger, source, expiresAt, level: levelOf(found), powered }
    sums.add(amount, problems.length === 0, of)
  }
  return sums
}

/**
 * The backing of what a society holds at an instant, from records alone: the same on every node
 * that holds the same and looks with the same eyes. What it costs depends on what is alive.
 */
export async function viewBacking(
  parts: BackingParts,
  society: SocietyKey,
  now: number,
): Promise<BackingView> {
  const { held, claims, viewer } = parts
  const pools = new Map<SocietyKey, PoolState>()
  const poolOf = (key: SocietyKey): PoolState => {
    const known = pools.get(key)
    if (known !== undefined) return known
    const pool = copyPool(held.pool(key))
    advancePool(pool, Math.max(now, pool.time))
    pools.set(key, pool)
    return pool
  }
  const reader = new ProofReader({ ...parts, now })
  const all: Found[] = []
  for (const lot of poolOf(society).lots.values()) {
    if (lotTotal(lot) > lot.lent) all.push(await look(parts, reader, society, lot))
  }
  const sums = sumsOf(all)
  const { claimed, proven } = sums.all
  const { founding, policy } = held.trust(viewer)
  return {
    society: didOf(society),
    claimed,
    proven,
    byAssurance: sums.byAssurance,
    batches: all.map(batchOf),
    problems: problemsOf(all),
    verdict: proven === claimed && claimed > 0 ? 'backed' : proven > 0 ? 'partly' : 'unbacked',
    at: new Date(now).toISOString(),
    viewer: didOf(viewer),
    federation: founding?.federation ?? null,
    acceptAssurance: policy.acceptAssurance,
    claimedByAssurance: sums.claimedByAssurance,
    byExpiry: sums.byExpiry,
    sources: sums.sources({ held, claims, now, poolOf }),
  }
}
