/** Time limit of one measurement, in milliseconds: a witness's look takes 10 s at most. */
export const measureTimeoutMs = 9_000
/** Time limit of one page, connecting included, in milliseconds. */
export const answerTimeoutMs = 4_000
/** Most bytes of one page: eight GPUs with a hundred metrics each are some 250 KiB. */
export const pageBytesMax = 1_048_576
/** Pause between two pages, in milliseconds: how exactly it is known when an exporter collected. */
export const pollMs = 200
/** Least time between the two collections that are compared, in milliseconds. */
export const windowMs = 1_500
/** How long an exporter may hold what it collected before it shows it, in milliseconds. */
export const publishMsMax = 250
/** Part of the power limit by which mean and shown power may differ: meters are off by 5 %. */
export const agreementPart = 0.1
