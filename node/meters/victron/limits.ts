/** Time limit of one measurement, in milliseconds. */
export const measureTimeoutMs = 20_000
/** Time limit of connecting, in milliseconds: a local network answers within one or not at all. */
export const connectTimeoutMs = 3_000
/** Longest wait for the portal id, in milliseconds: an awake GX device tells it every 3 s. */
export const portalTimeoutMs = 7_000
/** Longest wait for values after a keep-alive, in milliseconds; a GX device takes some tens. */
export const valuesTimeoutMs = 6_000
/** Pause before a keep-alive is sent again: a GX device answers three a second at most. */
export const keepaliveAgainMs = 1_500
/** Most bytes that a broker may send in one measurement; 2,500 topics are some 200 KiB. */
export const answerBytesMax = 1_048_576
/** Longest payload that is read, in bytes; a value is under 100. */
export const payloadBytesMax = 1_024
/** Longest topic that is read, in characters. */
export const topicLengthMax = 256
/** Most watts and watt-hours that are believed: no device for itself is above 10 MW or 10 MWh. */
export const amountMax = 10_000_000
