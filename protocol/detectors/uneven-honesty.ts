import type { RecordId } from '../identity.ts'
import { degreesMax, excessOf, homogeneity, isCritical, type Window } from './chi-squared.ts'
import { isWithin } from './dealings.ts'
import { finding, type Detector } from './finding.ts'
import type { JobDay } from './history.ts'

const windowDays = 7
const eventsMin = 20
const failuresMin = 3

type Judged = Window & { readonly evidence: readonly RecordId[] }

const joined = (a: Judged, b: Judged): Judged => ({
  events: a.events + b.events,
  failures: a.failures + b.failures,
  evidence: [...a.evidence, ...b.evidence],
})

/** Windows of seven days from the first job on, those without any left out. */
function weeksOf(days: readonly JobDay[]): readonly Judged[] {
  const first = Math.min(...days.map(({ day }) => day))
  const weeks = new Map<number, Judged>()
  for (const { day, jobs, failures, failed } of days) {
    const week = Math.floor((day - first) / windowDays)
    const here = { events: jobs, failures, evidence: failed }
    const before = weeks.get(week)
    weeks.set(week, before === undefined ? here : joined(before, here))
  }
  return [...weeks].sort(([a], [b]) => a - b).map(([, week]) => week)
}

/**
 * Neighbouring windows joined until each would be expected to see one failure at least: of fewer
 * the test knows nothing, and one bad job in a quiet week after a busy one is no pattern.
 */
function large(weeks: readonly Judged[], total: Window): readonly Judged[] {
  const windows: Judged[] = []
  let open: Judged | undefined
  for (const week of weeks) {
    open = open === undefined ? week : joined(open, week)
    if (open.events * total.failures < total.events) continue
    windows.push(open)
    open = undefined
  }
  const last = windows.pop()
  if (last === undefined) return open === undefined ? [] : [open]
  return [...windows, open === undefined ? last : joined(last, open)]
}

/**
 * Work that is honest at some times and not at others: failures are spread over windows of seven
 * days as no one rate of failure would spread them, whatever the activity in each.
 */
export const unevenHonesty: Detector = (history, society, now) => {
  const days = [...history.jobsAsWorker(society)].filter(({ day }) => isWithin(day, now))
  const events = days.reduce((sum, { jobs }) => sum + jobs, 0)
  const failures = days.reduce((sum, each) => sum + each.failures, 0)
  if (events < eventsMin || failures < failuresMin) return []
  const windows = large(weeksOf(days), { events, failures })
  const degrees = windows.length - 1
  if (degrees < 1 || degrees > degreesMax) return []
  const statistic = homogeneity(windows)
  if (statistic === undefined || !isCritical(statistic, degrees)) return []
  const worst = [...windows].sort((a, b) => b.failures * a.events - a.failures * b.events)
  const evidence = [...(worst[0]?.evidence ?? [])].sort()
  return finding('uneven-honesty', excessOf(statistic, degrees), evidence)
}
