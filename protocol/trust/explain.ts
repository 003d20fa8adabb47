import { multiplyDown } from '../amounts.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import type { BondStanding } from '../ledger/bond.ts'
import { directOf, withVouch, type Counts } from './direct.ts'
import { complement, half, one, product, times, toMillionths } from './fixed-point.ts'
import type { Edge, TrustGraph } from './graph.ts'
import { inexperienceOf, reputationOf, type JobHistory } from './jobs.ts'
import { combined, edgeWeight, strongestPaths, type Path } from './paths.ts'
import { anomalyShare, brokenBondFactor, failedVouchFactor, termTenths } from './weights.ts'

/** A part of trust and the records behind it, the newest where there are many. In millionths. */
export type Term = { readonly value: number; readonly records: readonly RecordId[] }

/** Why trust is multiplied by less than one. */
export type Penalty = {
  /** Millionths that are left. */
  readonly factor: number
  readonly reason: 'bond-violated' | 'bond-abandoned' | 'vouch-failed' | 'equivocation'
  /** Whose bond it was, or which newcomer failed; the subject itself where it is its own doing. */
  readonly society: SocietyKey
  readonly records: readonly RecordId[]
}

/** One edge of a path. Weight in millionths. */
export type Hop = {
  readonly from: SocietyKey
  readonly to: SocietyKey
  readonly weight: number
  readonly records: readonly RecordId[]
}

/** What an observer makes of a subject and why. Fractions are integers of millionths. */
export type TrustExplanation = {
  readonly trust: number
  readonly terms: {
    readonly direct: Term & Counts & { readonly vouched: boolean }
    readonly transitive: Term
    readonly bond: Term & { readonly state: BondStanding['state'] | 'none' }
    readonly reputation: Term & { readonly jobs: number }
    /** How much the subject is still held back as a newcomer. */
    readonly experience: Term & { readonly goodJobs: number }
    /** How much anomalies take. */
    readonly anomaly: Term
    /** What penalties leave. */
    readonly penalties: Term & { readonly items: readonly Penalty[] }
  }
  readonly paths: readonly {
    readonly through: readonly SocietyKey[]
    readonly strength: number
    readonly hops: readonly Hop[]
  }[]
  /** Every record named above, once. */
  readonly records: readonly RecordId[]
}

const unseen: Edge = {
  successes: 0,
  failures: 0,
  lastSuccessAt: null,
  leaning: 0,
  vouched: false,
}

/** What the observer has counted itself, with the vouch it stands for at that instant. */
function countsOf(
  graph: TrustGraph,
  observer: SocietyKey,
  subject: SocietyKey,
  now: number,
): { readonly counts: Counts; readonly vouch: readonly RecordId[] | undefined } {
  const edge = graph.edgesFrom(observer).get(subject) ?? unseen
  const vouch = edge.vouched ? graph.vouchAt(observer, subject, now) : undefined
  const { successes, failures, lastSuccessAt } = edge
  const own = { successes, failures, lastSuccessAt }
  if (vouch === undefined) return { counts: own, vouch: undefined }
  return { counts: withVouch(own, vouch.acceptedAt), vouch: vouch.records }
}

/** What the newest bond is worth, in billionths. */
export function bondWorth(standing: BondStanding | undefined, now: number): number {
  if (standing === undefined) return 0
  const { bond, state, proven } = standing
  if (state === 'violated' || state === 'abandoned') return 0
  // Over the lock it rises; after it, whatever its state is called, the capacity decides.
  if (now >= bond.until) return proven ? one : 0
  return half + multiplyDown(half, now - bond.committedAt, bond.until - bond.committedAt)
}

function penaltiesOf(graph: TrustGraph, subject: SocietyKey, now: number): readonly Penalty[] {
  const penalties: Penalty[] = []
  for (const { id, society, how, record } of graph.brokenBondsAt(subject, now)) {
    const reason = how === 'violated' ? 'bond-violated' : 'bond-abandoned'
    const records = record === null ? [id] : [id, record]
    penalties.push({ factor: toMillionths(brokenBondFactor), reason, society, records })
  }
  for (const { newcomer, records } of graph.failedVouchesAt(subject, now)) {
    const factor = toMillionths(failedVouchFactor)
    penalties.push({ factor, reason: 'vouch-failed', society: newcomer, records })
  }
  const caught = graph.equivocationOf(subject)
  if (caught !== undefined) {
    const { records } = caught
    penalties.push({ factor: 0, reason: 'equivocation', society: subject, records })
  }
  return penalties
}

/** Terms in billionths. */
type Fractions = Readonly<
  Record<
    'direct' | 'transitive' | 'bond' | 'reputation' | 'experience' | 'anomaly' | 'penalties',
    number
  >
>

/** The formula of trust, in billionths. */
function trustOf(terms: Fractions): number {
  const { direct, transitive, bond, reputation } = terms
  const tenths =
    direct * termTenths.direct +
    transitive * termTenths.transitive +
    bond * termTenths.bond +
    reputation * termTenths.reputation
  const sum = Math.min(one, Math.floor(tenths / 10))
  return product(sum, complement(terms.experience), complement(terms.anomaly), terms.penalties)
}

/** Everything trust is made of, before it is put into words. */
type Findings = {
  readonly counts: Counts
  readonly vouch: readonly RecordId[] | undefined
  readonly paths: readonly Path[]
  readonly bond: BondStanding | undefined
  readonly jobs: readonly JobHistory[]
  readonly anomaly: ReturnType<TrustGraph['anomalyAt']>
  readonly penalties: readonly Penalty[]
  readonly fractions: Fractions
}

function find(graph: TrustGraph, observer: SocietyKey, subject: SocietyKey, now: number): Findings {
  const { counts, vouch } = countsOf(graph, observer, subject, now)
  const paths = strongestPaths(graph, observer, subject, now)
  const bond = graph.bondAt(subject, now)
  const jobs = graph.jobsOf(observer, subject)
  const anomaly = graph.anomalyAt(subject, now)
  const penalties = penaltiesOf(graph, subject, now)
  const fractions = {
    direct: directOf(counts, now),
    transitive: combined(paths),
    bond: bondWorth(bond, now),
    reputation: reputationOf(jobs),
    experience: inexperienceOf(jobs),
    anomaly: times(anomaly.severity * 1_000, anomalyShare),
    penalties: product(...penalties.map(({ factor }) => factor * 1_000)),
  }
  return { counts, vouch, paths, bond, jobs, anomaly, penalties, fractions }
}

/** Trust of an observer in a subject at an instant, in millionths: what decisions are made on. */
export function trustAt(
  graph: TrustGraph,
  observer: SocietyKey,
  subject: SocietyKey,
  now: number,
): number {
  return toMillionths(trustOf(find(graph, observer, subject, now).fractions))
}

/** A path with its edges and the records behind each. */
function pathInWords(
  graph: TrustGraph,
  [observer, subject]: readonly [SocietyKey, SocietyKey],
  { through, strength }: Path,
  now: number,
): TrustExplanation['paths'][number] {
  const stations = [observer, ...through, subject]
  const hops = stations.slice(1).map((to, i): Hop => {
    const from = stations[i] as SocietyKey
    const edge = graph.edgesFrom(from).get(to) ?? unseen
    const weight = toMillionths(edgeWeight(graph, from, to, edge, now))
    const vouch = edge.vouched ? graph.vouchAt(from, to, now) : undefined
    const records = [...graph.recordsOf(from, to), ...(vouch?.records ?? [])]
    return { from, to, weight, records }
  })
  return { through, strength: toMillionths(strength), hops }
}

const unique = (lists: Iterable<readonly RecordId[]>): readonly RecordId[] => [
  ...new Set([...lists].flat()),
]

/**
 * Trust of an observer in a subject at an instant, with every term, path and record behind it.
 * Pure: the same records and instant give the same answer to the bit on every node.
 */
export function explainTrust(
  graph: TrustGraph,
  observer: SocietyKey,
  subject: SocietyKey,
  now: number,
): TrustExplanation {
  const found = find(graph, observer, subject, now)
  const { counts, vouch, bond, jobs, anomaly, penalties, fractions } = found
  const ends = [observer, subject] as const
  const paths = found.paths.map((path) => pathInWords(graph, ends, path, now))
  const term = (name: keyof Fractions, records: readonly RecordId[]): Term => ({
    value: toMillionths(fractions[name]),
    records,
  })
  const seen = unique([graph.recordsOf(observer, subject), vouch ?? []])
  const walked = unique(paths.flatMap(({ hops }) => hops.map(({ records }) => records)))
  const judged = unique(jobs.map((history) => history.jobs.map(({ id }) => id)))
  const bonded = bond === undefined ? [] : [bond.bond.id, bond.bond.end?.record ?? bond.bond.id]
  const goodJobs = jobs.reduce((sum, { successes }) => sum + successes, 0)
  const badJobs = jobs.reduce((sum, { failures }) => sum + failures, 0)
  const terms = {
    direct: { ...term('direct', seen), ...counts, vouched: vouch !== undefined },
    transitive: term('transitive', walked),
    bond: { ...term('bond', unique([bonded])), state: bond?.state ?? ('none' as const) },
    reputation: { ...term('reputation', judged), jobs: goodJobs + badJobs },
    experience: { ...term('experience', judged), goodJobs },
    anomaly: term('anomaly', anomaly.records),
    penalties: {
      ...term('penalties', unique(penalties.map(({ records }) => records))),
      items: penalties,
    },
  }
  const trust = toMillionths(trustOf(fractions))
  return { trust, terms, paths, records: unique(Object.values(terms).map((t) => t.records)) }
}
