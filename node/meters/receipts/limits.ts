/** Time limit of one measurement, in milliseconds: looking through a week of a large federation. */
export const measureTimeoutMs = 50_000
/** Bytes of a transcript for receipts in full, with what was signed and both signatures. */
export const fullBytesMax = 8_192
/** Bytes of a transcript for receipts in short, by their ids and times. */
export const shortBytesMax = 3_072
/** Most societies worked for that a transcript lists. */
export const counterpartiesShownMax = 32
