/** Own limits of clocks and of asking time servers, with unit and reason. */

/** Farthest that a clock of a test federation may be set ahead, in s: ten years. */
export const clockAheadSecondsMax = 315_360_000
/** Port of time servers. */
export const sntpPort = 123
/** Time servers that may be named: more add nothing to a majority. */
export const timeServersMax = 8
/** Longest name of one: a host name of 253 characters, brackets, a colon and a port. */
export const timeServerLengthMax = 261
/** Longest wait for one answer, in ms. */
export const sntpAnswerMs = 5_000
/** Answers that are further from certain are not taken, in ms: they would agree with anything. */
export const sntpErrorMsMax = 5_000
/** Time between two rounds of questions, in ms; public servers ask for no more. */
export const sntpIntervalMs = 1_024_000
/** The same after a round in which no majority agreed, in ms. */
export const sntpRetryMs = 64_000
/** How long what they agreed on counts, in ms: two rounds may fail. */
export const sntpValidMs: number = 3 * sntpIntervalMs
