import { millionths } from '../amounts.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import { isCritical } from './chi-squared.ts'
import { dealingsOf } from './dealings.ts'
import { finding, share, type Detector } from './finding.ts'
import { dayMs } from './history.ts'

const windowDays = 7
/** Dealings with one partner that count in one week: a busy week is one week. */
const countedPerWeek = 5
const dealingsMin = 20
/** Partners whose share of all dealings is looked at. */
const topPartners = 3
/** In its first 30 days five or fewer partners are normal. */
const newcomerMs: number = 30 * dayMs
const newcomerPartners = 5
/** Records that are named for each of them. */
const evidencePerPartner = 4
/** Severity in millionths from which it is told. */
const severityMin = 300_000

type Partner = { count: number; readonly evidence: RecordId[] }

/** 1 + 1/2 + ... + 1/k in millionths, each part rounded down. */
function harmonic(k: number): number {
  let sum = 0
  for (let i = 1; i <= k; i++) sum += Math.floor(millionths / i)
  return sum
}

function countPartners(
  ...[history, society, now]: Parameters<Detector>
): ReadonlyMap<SocietyKey, Partner> {
  const weeks = new Map<string, number>()
  const partners = new Map<SocietyKey, Partner>()
  for (const { partner, day, count, evidence } of dealingsOf(history, society, now)) {
    const week = `${partner}/${Math.floor(day / windowDays)}`
    const before = weeks.get(week) ?? 0
    const after = Math.min(countedPerWeek, before + count)
    weeks.set(week, after)
    const known = partners.get(partner) ?? { count: 0, evidence: [] }
    known.count += after - before
    known.evidence.push(...evidence)
    partners.set(partner, known)
  }
  return partners
}

/**
 * Dealings that a few partners share among themselves far more than their number predicts. People
 * deal unevenly: with k partners the i-th is expected to have a share in proportion to 1/i. What
 * the three greatest have beyond that is told by how much it exceeds, in parts of what could exceed
 * at all, and by how many other partners there are to choose from.
 */
export const collusion: Detector = (history, society, now) => {
  const partners = [...countPartners(history, society, now)].sort(
    ([a, { count: of }], [b, { count: other }]) => other - of || (a < b ? -1 : 1),
  )
  const k = partners.length
  const age = now - (history.identityOf(society)?.since ?? 0)
  if (age < newcomerMs && k <= newcomerPartners) return []
  const total = partners.reduce((sum, [, { count }]) => sum + count, 0)
  if (k <= topPartners || total < dealingsMin) return []
  const top = partners.slice(0, topPartners)
  const dealt = top.reduce((sum, [, { count }]) => sum + count, 0)
  // Share p of the total is predicted: p = part / whole.
  const part = harmonic(topPartners)
  const whole = harmonic(k)
  const beyond = dealt * whole - total * part
  if (beyond <= 0) return []
  const statistic = {
    numerator: BigInt(beyond) * BigInt(beyond),
    denominator: BigInt(total) * BigInt(part) * BigInt(whole - part),
  }
  if (!isCritical(statistic, 1)) return []
  const excess = share(beyond, total * (whole - part))
  const severity = Math.floor((excess * (k - topPartners)) / k)
  if (severity < severityMin) return []
  const evidence = top.flatMap(([, partner]) =>
    partner.evidence.sort().slice(0, evidencePerPartner),
  )
  return finding('collusion', severity, evidence)
}
