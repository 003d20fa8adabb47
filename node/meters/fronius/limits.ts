/** Time limit of one measurement, in milliseconds: three answers of a slow data manager. */
export const measureTimeoutMs = 15_000
/** Time limit of connecting, in milliseconds: a local network answers within one or not at all. */
export const connectTimeoutMs = 3_000
/** Time limit of one answer, in milliseconds: a data manager asks its inverters over a bus. */
export const answerTimeoutMs = 6_000
/** Most bytes of one answer with its headers; a hundred inverters are some 35 KiB. */
export const answerBytesMax = 65_536
/** Most inverters behind one data manager: as many as its bus has numbers. */
export const invertersMax = 256
/** Highest power that is believed, in watts: no single inverter is above 10 MW. */
export const wattsMax = 10_000_000
/** Longest text in an answer that is believed to be one, in characters. */
export const textLengthMax = 1_024
