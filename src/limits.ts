/** Limits of a node's own conduct; the protocol's are in `protocol/limits.ts`. */

/** Jobs (frames, own records) that wait for the pipeline; more are refused as overload. */
export const pipelineJobsMax = 16_384
/** Jobs taken into one store write: what group commit shares. */
export const pipelineBatchMax = 512
/** Frames of others among these: signatures of the next are checked while these are judged. */
export const pipelineFramesMax = 64
/** Bytes of these, beyond which none is added: whoever comes next waits some 10 ms for them. */
export const pipelineFrameBytes = 65_536
/** What an own record counts where turns are shared by bytes: most are smaller. */
export const draftBytes = 512
/** Frames judged together from which on checking them aside costs less than it saves. */
export const verifyAheadMin = 4
/** Changes that wait in frames from which on they are judged while others are written. */
export const judgeMeanwhileMin = 16
/** Changes whose facts are kept in memory for look-ups. */
export const factsCachedMax = 16_384
/** Records with signatures of their own in a change that is judged at a stretch: some 10 ms. */
export const signedRecordsAtOnce = 4
/** Such signatures of larger ones that are checked at a stretch: some 10 ms where none holds. */
export const signaturesInATurn = 8
/** Pieces of evidence named by reports of which is kept what they prove: 200 bytes each. */
export const convictionsCachedMax = 4_096
/** Frames that wait for a change they build on or name. */
export const waitingFramesMax = 2_048
/** Bytes of those frames. */
export const waitingBytesMax = 33_554_432
/** Changes of a document between two snapshots of its state. */
export const snapshotEveryChanges = 512
/** Bytes of these for each thing that the state holds: writing it costs a few times as much. */
export const entryBytes = 32
/** Things that a state may hold to be copied while records are judged: some 2 ms. */
export const largeStateEntries = 4_096
/** Changes that are looked through at a stretch, when a past state is asked for. */
export const changesInATurn = 128
/** Bytes of a state or a content that are written, read or digested at a stretch: some 3 ms. */
export const turnBytes = 131_072
/** Operations of changes that are judged at a stretch: some 6 ms, 35 before they are compiled. */
export const operationsJudgedInATurn = 4_096
/** Operations of changes that are folded again at a stretch: some 5 ms. */
export const operationsInATurn = 1_024
/** Changes whose facts are read together when they are folded again. */
export const changesReadAhead = 64
/** Operations of changes between two states that are kept for questions about the past: these are
 * some 3,000 records, folded in some 50 ms, and mostly larger than such a state. */
export const milestoneOperations = 16_384
/** Such states of one document; where there would be more, every other is dropped. */
export const milestonesMax = 256
/** Bytes of changes in one sync answer; a frame may exceed it by one signed run. */
export const syncAnswerBytes = 786_432
/** Bytes of changes in one frame. */
export const frameBytes = 262_144
/** Time in which own changes after one that was gossiped wait for each other, in ms. */
export const publishPauseMs = 10
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
/** Tickets of others of which the operator has confirmed work that is not done yet. */
export const confirmationsMax = 10_000
/** How long what is confirmed of a ticket that is not known here is kept, in ms. */
export const confirmedUnknownMs: number = 30 * 86_400_000
/** Records that one page of a listing holds. */
export const recordsPageMax = 1_000
/** Time after which membership is looked at anew with the next record, in ms. */
export const membersLookMs = 60_000
/** Societies that are no members and of which a request is kept. */
export const guestsMax = 256
/** Life of a node's certificate, in ms; renewed when half of it is over. */
export const certificateMs: number = 365 * 86_400_000
/** Time between two looks at whether it has to be renewed, in ms. */
export const certificateLookMs = 86_400_000
/** Pause before witnesses are asked again that could not acknowledge, in ms; it doubles. */
export const witnessRetryMs = 250
/** Longest such pause, in ms. */
export const witnessRetryMsMax = 60_000
/** How often witnesses are asked to let others follow before the caller hears that they did not. */
export const successionRoundsMax = 12
/** How often everybody who may have it is asked for the newest certificate of a liar. */
export const seekRoundsMax = 3
/** Pause between these rounds, in ms. */
export const seekPauseMs = 10_000
/** Pause between rounds of asking witnesses to let others follow, in ms: together they take 3 s. */
export const successionPauseMs = 250
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
/** How far the clock may be set back before nothing is signed, in ms: as far as records may be. */
export const clockBackMsMax = 120_000
/** How far the clock may be off the median of others before nothing is signed, in ms. */
export const clockSkewMsMax = 60_000
/** Societies whose median counts: of fewer, one that lies would stop the node. */
export const clockPeersMin = 3
/** Heads that a society signs in the time for which what its heads tell of its clock counts. */
export const clockHeadsWindow = 5
/** How long a clock that leapt ahead has to go on before it is believed alone, in ms. */
export const clockSettleMs = 600_000
/** Time for which the median is not worked out anew, in ms: with many societies it is work. */
export const clockLookMs = 1_000
/** How old a measurement may be that a witness looks at, in ms (24 h): a night passes. */
export const witnessedWithinMs: number = 24 * 3_600_000
/** Looks at sources that a node has under way: each holds a connection and some memory. */
export const looksAtOnceMax = 8
/** Looks at the sources of one society in any 60 minutes. */
export const looksPerClaimantMax = 60
/** Questions about witnessing that one peer may ask in any 60 s. */
export const witnessQuestionsMax = 60
/** Time that one sample of a look may take, in ms. */
export const sampleMsMax = 10_000
/** Pause before a sample that failed is taken once more, in ms: devices take one client a time. */
export const sampleRetryMs = 1_000
/** Transcripts of one source that a witness reads for the history of its counter. */
export const historyReadMax = 64
/** Receipts that a witness asks one counterparty about: their signed words fit a transcript. */
export const receiptsAskedMax = 8
/** Bytes of what a claimant hands over for a server to answer a witness: OpenADR's tokens. */
export const passBytesMax = 4_096
/** Counterparties that a witness asks about the receipts of one proof. */
export const counterpartiesAskedMax = 8
/** How often a node is asked that does not know the proof yet. */
export const witnessAttemptsMax = 15
/** Pause between these, in ms. */
export const witnessAttemptPauseMs = 200
/** How long a witness's answer waits for its look, in ms: shorter than a request may take. */
export const witnessAnswerMs = 8_000
/** How much longer than it said a witness's word is waited for, in ms. */
export const witnessPatienceMs = 20_000
/** Longest time that a witness may take for its look, whatever it says, in ms. */
export const witnessMsMax = 900_000
/** Pause before the witnesses of a proof are asked again, in ms; it doubles with every round. */
export const witnessRoundMs = 60_000
/** Longest such pause, in ms. */
export const witnessRoundMsMax = 7_200_000
/** Proofs for which witnesses are looked for at once; one per source. */
export const proofsAskedMax = 1_024
/** Hand-overs that one batch is followed back through: more than 30 in each of its 30 days. */
export const handoversFollowedMax = 1_024
/** Renewals of a proof that are looked at for what one charge was made on. */
export const renewalsFollowedMax = 64
/** Times that an answer about backing is collected anew because the node moved on meanwhile. */
export const exportTriesMax = 3
/** Samples of one own source that are remembered: years of renewals, or a day's of a battery. */
export const samplesMax = 64
/** Own sources of which samples are remembered. */
export const measuredSourcesMax = 1_024
/** Equal marks of two counters from which they are one counter: chance has no such days. */
export const seriesCountersMin = 3
/** Equal outputs in a row, all different, from which two series are one; outputs repeat more. */
export const seriesOutputsMin = 5
/** Changes that are read to find a week's receipts of work; a busy federation has a tenth. */
export const receiptScanMax = 200_000
/** Changes that were dropped here of which date and kinds are noted, while something waits. */
export const droppedNotedMax = 4_096
/** Time between two checkpoints of a document, in ms (7 d): each is work for all witnesses. */
export const checkpointEveryMs: number = 7 * 86_400_000
/** Changes since the last from which on one is written sooner. */
export const checkpointChanges = 10_000
/** Least time between two all the same, in ms. */
export const checkpointPauseMs = 86_400_000
/** How often a witness that lacks a change still is asked before that is left for the next look. */
export const checkpointRoundsMax = 6
/** Pause between these rounds, in ms: together they take 5 s. */
export const checkpointRoundMs = 1_000
/** Time between two looks at whether a checkpoint is due, or something may be dropped, in ms. */
export const checkpointLookMs: number = 6 * 3_600_000
/** The first look after a start, in ms: a node that is started often looks as well. */
export const checkpointFirstLookMs = 60_000
/** Pause before checkpoints of others that have just come are looked at, in ms. */
export const checkpointNudgeMs = 2_000
/** Age in ms up to which facts stay where changes are dropped (130 d): what is folded again from a
 * checkpoint is little more than 60 d old, and may name what is older by as much. */
export const factsKeptMs: number = 130 * 86_400_000
/** Age in ms beyond which history should be gone where a window is kept (81 d): 60 d until it may,
 * and three times what a checkpoint is waited for, of which the last may have failed. */
export const historyOldMs: number = 81 * 86_400_000
/** Keys that are dropped in one write. */
export const dropBatchMax = 1_000
/** Time for which whoever keeps all history looks for it before a checkpoint has to do, in ms. */
export const historySoughtMs = 60_000
/** Largest content of a checkpoint that is taken of a society which is no member yet, in bytes. */
export const guestCheckpointBytesMax: number = 4 * 1_048_576
/** Places for guests that are kept free, so that a newcomer need not come twice. */
export const guestPlacesFree = 16
/** Least time, in ms, that a guest is here before it makes room: an operator can see it. */
export const guestStayMs = 600_000
/** Time, in ms, for which one that made room is not taken back: others may still have it. */
export const guestAwayMs = 600_000
/** Guests that made room and are remembered for that. */
export const guestsAwayMax = 4_096
