/** Time limit of one measurement, in milliseconds: 11 requests at the half second of a slow bus. */
export const measureTimeoutMs = 10_000
/** Time limit of connecting, in milliseconds: a local network answers within one or not at all. */
export const connectTimeoutMs = 3_000
/** Time limit of one answer, in milliseconds: gateways to a serial bus may wait for two. */
export const requestTimeoutMs = 3_000
/** Most registers in one read: 250 bytes of data, the most that a Modbus frame takes. */
export const requestRegistersMax = 125
/** Most models in one device: real ones have under 30, and a chain may be endless by mistake. */
export const modelsMax = 64
/** Most bytes that a device may send in one measurement; an honest one needs under 4 KiB. */
export const answerBytesMax = 262_144
/** Most watts and watt-hours that are believed: no device for itself is above 10 MW or 10 MWh. */
export const amountMax = 10_000_000
