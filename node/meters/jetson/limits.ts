/** Time limit of one measurement, in milliseconds: reading files takes one hundredth of it. */
export const measureTimeoutMs = 10_000
/** Time between the two samples, in milliseconds: the monitor averages over a few of them. */
export const sampleIntervalMs = 1_000
/** Channels of one monitor chip; those behind are sums. */
export const channelsMax = 3
/** Most rails that are looked at: boards have under ten. */
export const railsMax = 32
/** What the monitor's limit reads where nobody set it, in milliamperes: all of its 12 bits. */
export const unsetMilliamperes = 32_760n
/** Highest power that is believed, in microwatts: a Thor has 130 W. */
export const powerMicrowattsMax = 500_000_000n
