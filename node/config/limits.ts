/** Own limits of the configuration, with unit and reason. */

/** Largest `config.yaml` that is read, in bytes; the commented template has 4 KiB. */
export const configBytesMax = 65_536
/** Problems of a `config.yaml` that are told at once; more would not be read. */
export const problemsMax = 10
/** Connections that a node may be told to hold at most; each costs up to a few MB. */
export const connectionsMax = 10_000
/** Addresses in one list; more are a mistake. */
export const addressesMax = 64
/** Largest `token` or `api` file that is read, in bytes. */
export const directoryFileBytesMax = 1_024
/** Places that a witness may be allowed to dial; more are a mistake. */
export const allowedMax = 256
/** Files with certificates of device makers. */
export const makersMax = 64
/** Largest file with a certificate or key, in bytes; chains of three have about 6 KiB. */
export const certificateBytesMax = 65_536
