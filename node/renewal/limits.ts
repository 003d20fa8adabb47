/** Own limits of measuring again, with unit and reason. */

/** Measurements that are remembered; a society with more sources has several nodes' worth. */
export const rememberedMax = 64
/** Largest file of them that is read, in bytes: an address, names and a secret each. */
export const rememberedBytesMax = 1_048_576
/** Share of its life at which a measurement is made anew. */
export const renewAtShare = 0.8
/** Share by which a capacity has to fall to be told at once; less is noise. */
export const fallShareMin = 0.02
/** Time between two looks at a device, in minutes, where nothing is configured. */
export const watchMinutesDefault = 15
/** Share by which a pause is shortened by chance, so that not all devices are asked at once. */
export const jitterShare = 0.1
/** Pause before a renewal that failed is tried again, in ms; it doubles with every failure. */
export const retryMs = 15_000
/** Longest such pause, in ms, and as a share of a measurement's life. */
export const retryMsMax = 3_600_000
/** The same as a share of a measurement's life: a battery's is an hour. */
export const retryShareMax = 0.05
/** Longest wait for the first look after a start, in ms. */
export const firstLookMs = 30_000
/** Longest time that a timer is set for, in ms; longer ones are set again. */
export const timerMsMax = 86_400_000
