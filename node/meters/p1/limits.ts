/** Time limit of one measurement, in milliseconds: two telegrams of a DSMR 4 meter, 10 s apart. */
export const measureTimeoutMs = 25_000
/** Time limit of connecting, in milliseconds: a local network answers within one or not at all. */
export const connectTimeoutMs = 3_000
/** Longest telegram, in bytes: real ones have up to 3,000, with a message for the customer. */
export const telegramBytesMax = 4_096
/** Most bytes that a meter may send in one measurement: 25 telegrams of a talkative one. */
export const receivedBytesMax = 131_072
/** Bytes without a telegram among them after which this is no meter. */
export const noiseBytesMax = 16_384
/** Telegrams with a wrong checksum after which the line is taken for bad. */
export const brokenMax = 3
/** Telegrams of the same time after which the meter is taken for stuck, or for a recording. */
export const repeatedMax = 3
/** How far the meter's clock may be from the node's, in ms: the operator keeps it to 60 s. */
export const skewMsMax = 120_000
/** Voltage at which a fuse's current is counted: the nominal one of Europe (EN 50160). */
export const nominalVolts = 230n
/** Highest allocation that is believed of a household meter, in milliwatts: 1 MW. */
export const allocatedMilliwattsMax = 1_000_000_000n
