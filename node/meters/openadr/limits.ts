/** Time limit of one measurement, in milliseconds: some ten answers of a slow server. */
export const measureTimeoutMs = 30_000
/** Time limit of one answer, connecting included, in milliseconds. */
export const answerTimeoutMs = 8_000
/** Most bytes of one answer: fifty events of a day's hours are some 300 KiB. */
export const answerBytesMax = 1_048_576
/** Objects asked for at a time: the most that OpenADR 3.1 allows. */
export const pageObjectsMax = 50
/** Most pages of one list: a customer has some dozen events. */
export const pagesMax = 20
/** Most intervals of one event that are looked at: the quarters of an hour of a month. */
export const intervalsMax = 3_000
/** Most intervals of one event that are kept whole as evidence. */
export const intervalsKeptMax = 12
/** Highest capacity that is believed, in milliwatts: 1 GW, more than any customer's. */
export const capacityMilliwattsMax = 1_000_000_000_000n
/** Longest name of a VEN, resource or target, in characters: that of OpenADR 3.1. */
export const nameLengthMax = 128
/** Longest client id or secret, in characters: that of OpenADR 3.1. */
export const credentialLengthMax = 4_096
/** Longest time that a token is good for which is handed to a witness, in seconds. */
export const passSecondsMax = 3_600
/** Time for which witnesses get the same token, in milliseconds: a server is not asked for each. */
export const passKeptMs = 60_000
/** Longest address of a server, in characters. */
export const urlLengthMax = 1_024
