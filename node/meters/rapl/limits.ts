/** Time limit of one measurement, in milliseconds: reading files takes one hundredth of it. */
export const measureTimeoutMs = 10_000
/** Time between the two samples, in milliseconds: the counters move every millisecond. */
export const sampleIntervalMs = 1_000
/** Most packages in one machine: the largest have eight sockets. */
export const packagesMax = 12
/** Highest rating of one package that is believed, in microwatts: the largest have 500 W. */
export const ratedMicrowattsMax = 2_000_000_000n
/** A package draws more than its rating for seconds, but never this many times as much. */
export const overRatingMax = 4n
