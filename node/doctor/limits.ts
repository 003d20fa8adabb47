/** Where checks draw the line; own limits of the program. */

/** Free disk that a node needs at least, in bytes: some months of a busy federation. */
export const freeDiskBytesMin = 1_073_741_824
/** Free memory that a machine needs at least, in bytes: what a node takes at its busiest. */
export const freeMemoryBytesMin = 268_435_456
/** Longest time a durable write may take, in ms: each record waits for one. */
export const syncMsMax = 250
/** Files a process must be allowed to hold open: connections and the store's tables. */
export const openFilesMin = 4_096
/** Oldest backup, and oldest that was read to its end, in ms: a week, three months. */
export const backupAgeMsMax = 604_800_000
/** See above. */
export const verifiedAgeMsMax = 7_776_000_000
/** How long before a certificate ends it is told of, in ms: two weeks. */
export const certificateLeftMsMin = 1_209_600_000
/** How long before a proof grows stale it is told of, in ms: six hours. */
export const staleLeftMsMin = 21_600_000
/** Farthest a clock may be off, in ms, before it is told of: a third of where signing stops. */
export const clockOffsetMsMax = 20_000
/** Longest round trip to another node, in ms. */
export const latencyMsMax = 2_000
/** Points for faults at which a peer is told of: half of where it is cut off. */
export const pointsMax = 50
/** Outbound connections that a node should have where there are as many others. */
export const outboundMin = 2
/** How long what was announced may be missing, in ms. */
export const lagMsMax = 120_000
/** Share of a limit above which what is held is told of. */
export const fullShareMax = 0.8
/** How late the event loop may be in all but a hundredth of the time, in ms. */
export const loopDelayMsMax = 200
/** Severity of what detectors find from which it is told of. */
export const severityMax = 0.5
/** Oldest checkpoint of an own document that has changed since, in ms: three times a week. */
export const checkpointAgeMsMax = 1_814_400_000
/** Share of the changes kept that may be older than a window. */
export const oldShareMax = 0.5
/** Bytes of a store below which it does not matter what they are of. */
export const historyBytesMin = 67_108_864
/** Longest wait for an answer to a check of the machine, in ms. */
export const lookMsMax = 5_000
/** Longest wait for the node that is looked at, in ms. */
export const nodeMsMax = 10_000
