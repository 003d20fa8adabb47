/** Limits of a node's own conduct; the protocol's are in `protocol/limits.ts`. */

/** Jobs (frames, own records) that wait for the pipeline; more are refused as overload. */
export const pipelineJobsMax = 16_384
/** Jobs taken into one store write: what group commit shares. */
export const pipelineBatchMax = 512
/** Changes whose facts are kept in memory for look-ups. */
export const factsCachedMax = 16_384
/** Frames that wait for a change they build on or name. */
export const waitingFramesMax = 2_048
/** Bytes of those frames. */
export const waitingBytesMax = 33_554_432
/** Changes of a document between two snapshots of its state. */
export const snapshotEveryChanges = 512
/** Bytes of changes in one sync answer; a frame may exceed it by one signed run. */
export const syncAnswerBytes = 786_432
/** Bytes of changes in one frame. */
export const frameBytes = 262_144
/** Bytes of changes in one gossip message. */
export const gossipBytes = 65_536
/** How often a random peer is asked for its frontier, in ms. */
export const syncIntervalMs = 30_000
/** Least time between two frontier exchanges with one peer that something asked for, in ms. */
export const syncPauseMs = 200
/** Pause before an exchange that failed is tried again, in ms; it doubles with every failure. */
export const syncRetryMs = 1_000
/** Longest such pause, in ms. */
export const syncRetryMsMax = 60_000
/** Longest pause after exchanges in which nothing of what the peer has could be taken, in ms. */
export const syncFruitlessMsMax = 8_000
/** Rounds of one pull; a peer that always has more is left until the next. */
export const pullRoundsMax = 10_000
/** How often an own head is signed and gossiped, in ms. */
export const headIntervalMs = 60_000
/** Longest time, in ms, that a node waits for another to report what both have found. */
export const reportPauseMs = 200
/** Least time between two passes of the automation, in ms. */
export const automationPauseMs = 20
/** Longest time a timer is set for, in ms; longer ones are set again. */
export const timerMsMax = 3_600_000
/** Shortest time that a timer for something due is set for, in ms: the due is met to the second. */
export const timerMsMin = 1_000
/** Events kept for listeners that come back with the id of the last they saw. */
export const eventsKeptMax = 10_000
/** Changes of a society that is no member which are taken: its request to be admitted. */
export const guestChangesMax = 8
/** Records that one page of a listing holds. */
export const recordsPageMax = 1_000
/** Societies that are no members and of which a request is kept. */
export const guestsMax = 256
/** Life of a node's certificate, in ms; renewed when half of it is over. */
export const certificateMs: number = 365 * 86_400_000
/** Time between two looks at whether it has to be renewed, in ms. */
export const certificateLookMs = 86_400_000
/** Requests that wait at one society; more are refused with `queue-full`. */
export const queuedMax = 10_000
/** Span in which requests are counted against their limits, in ms (any 60 minutes). */
export const rateWindowMs = 3_600_000
/** Requests in that span that full trust allows; less trust allows the same part of it. */
export const requestsAtFullTrust = 10
/** Requests in that span that are allowed to anybody, however little trusted. */
export const requestsMin = 1
/** Requests in that span that all requesters without an active bond share. */
export const requestsWithoutBondMax = 10
/** Wait after which the head of a queue gets the next free ATP reserved for it, in ms (24 h). */
export const reservedAfterMs: number = 24 * 3_600_000
/** How long ended requests are kept for audits of their place, in ms. */
export const requestsKeptMs: number = 30 * 86_400_000
/** Societies whose flags are remembered while nothing new has come. */
export const flaggedCachedMax = 16_384
/** Names by which an index of them grows before it is swept of those that nothing uses any more. */
export const namesSweep = 4_096
/** Hand-overs that one batch is followed back through: more than 30 in each of its 30 days. */
export const handoversFollowedMax = 1_024
/** Renewals of a proof that are looked at for what one charge was made on. */
export const renewalsFollowedMax = 64
/** Times that an answer about backing is collected anew because the node moved on meanwhile. */
export const exportTriesMax = 3
