import { dayMs } from './history.ts'
import { isWithin } from './dealings.ts'
import { finding, share, type Detector } from './finding.ts'

/** An identity younger than this is new, in ms. */
const youngMs: number = 7 * dayMs
/** Jobs beyond which a new identity is not getting acquainted but buying a past. */
const jobsMax = 20

/** A new identity that does jobs by the dozen: less than 7 days old, more than 20 jobs. */
export const reputationWashing: Detector = (history, society, now) => {
  const identity = history.identityOf(society)
  if (identity === undefined || now - identity.since >= youngMs) return []
  const days = [...history.jobsAsWorker(society)].filter(({ day }) => isWithin(day, now))
  const jobs = days.reduce((sum, each) => sum + each.jobs, 0)
  if (jobs <= jobsMax) return []
  const completions = days.flatMap(({ good, failed }) => [...good, ...failed]).sort()
  return finding('reputation-washing', share(jobs, 2 * jobsMax), [identity.record, ...completions])
}
