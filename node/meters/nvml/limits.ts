/** Time limit of one measurement, in milliseconds: a GPU that sleeps may take seconds to wake. */
export const measureTimeoutMs = 15_000
/** Time between the two samples, in milliseconds: the driver's counter moves every 20 to 100. */
export const sampleIntervalMs = 1_000
/** Most characters that the child process may answer; an honest answer needs under 8,000. */
export const answerLengthMax = 65_536
/** Most GPUs that are looked at: boards have 16 at most. */
export const gpusMax = 32
/** Highest power limit that is believed, in milliwatts: a GB300 has 1,400 W. */
export const powerMilliwattsMax = 3_000_000
