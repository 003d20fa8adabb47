/** The numbers of trust. Fractions are integers of billionths, times milliseconds. */

const hourMs = 3_600_000
const dayMs: number = 24 * hourMs

/** Shares of the four terms in tenths: direct, transitive, bond, reputation. */
export const termTenths: Readonly<Record<'direct' | 'transitive' | 'bond' | 'reputation', number>> =
  { direct: 4, transitive: 2, bond: 2, reputation: 2 }
/** Interactions from which on the mean counts in full. */
export const fullConfidenceCount = 50
/** Time in which what good interactions raised falls by half. */
export const recencyHalfLifeMs: number = 90 * dayMs
/** Successes that an active vouch is worth in its sponsor's eyes. */
export const vouchSuccesses = 10
/** What a hop after the first leaves of a path's strength. */
export const hopFactor = 800_000_000
/** Most paths that carry trust to one society. */
export const pathsMax = 5
/** Quality in millionths from which on a job is a success. */
export const goodQuality = 800_000
/** What a good job of full weight adds to what is missing of the reputation. */
export const reputationGain = 30_000_000
/** What a bad job leaves of the reputation. */
export const reputationLoss = 900_000_000
/** How much a newcomer is held back. */
export const inexperienceStart = 300_000_000
/** How much less a society is held back after each good job. */
export const inexperienceStep = 50_000_000
/** Time within which jobs for the same counterparty weigh less and less. */
export const repeatWindowMs: number = 7 * dayMs
/** What each job leaves of the weight of the next for the same counterparty. */
export const repeatFactor = 800_000_000
/** The least weight of a job. */
export const repeatWeightMin = 100_000_000
/** What a violated or abandoned bond leaves of trust. */
export const brokenBondFactor = 500_000_000
/** What a vouched newcomer that failed leaves of its sponsor's trust. */
export const failedVouchFactor = 700_000_000
/** What the worst anomaly takes: half of trust at severity 1. */
export const anomalyShare = 500_000_000

/** Record ids that a tally keeps to show what it is made of; the counts are of all. */
export const talliedRecordsMax = 5
/**
 * Jobs of one counterparty that are kept one by one, the newest. From the twelfth within the window
 * on every job has the least weight, so eleven before a job decide on it.
 */
export const recentJobsMax = 12
