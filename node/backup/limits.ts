/** Longest key of a stored record and longest name of a file, in bytes. */
export const nameBytesMax = 1_024
/** Longest stored value or file, in bytes: a store's values are under 1 MiB, files under 64 KiB. */
export const valueBytesMax = 4_194_304
/** Entries of one backup; more than that no store holds. */
export const entriesMax = 1_000_000_000
/** Entries that a restore writes in one batch. */
export const batchEntriesMax = 1_000
/** scrypt work factor of a backup's passphrase as a power of two: about a second. */
export const scryptLogN = 17
