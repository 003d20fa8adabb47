/** Own limits of the key files and the verifier, with unit and reason. */

/** Memory argon2id takes for a new key, in KiB: 64 MiB, about 0.2 s with three passes. */
export const argonKibibytes = 65_536
/** Passes of argon2id for a new key. */
export const argonPasses = 3
/** Most memory, in KiB, that a key file may ask for (1 GiB), lest it stall the machine. */
export const argonKibibytesMax = 1_048_576
/** Most passes that a key file may ask for. */
export const argonPassesMax = 16
/** Largest key file that is read, in bytes; ours have under 1 KiB. */
export const keyFileBytesMax = 16_384
/** Public keys that the verifier keeps ready: making one costs as much as a tenth of a check. */
export const verifierKeysMax = 4_096
