/** Own limits of the store and of the files in a node's directory, with unit and reason. */

/** Bytes of writes that share one commit; more wait for the next, so that none waits long. */
export const commitBytesMax: number = 1 << 20
/** Entries a range reads ahead at most: enough to hide the thread hop, few enough to throw away. */
export const rangeEntriesMax = 256
/** Pause between two parts of the store that are looked through in the background, in ms. */
export const scrubPauseMs = 250
/** When the store is first looked through after a start, in ms: opening it has checked it. */
export const scrubFirstMs = 600_000
/** Pause after the whole store was looked through, in ms (1 d). */
export const scrubIntervalMs = 86_400_000
/** Bytes a range reads ahead at most, but for the one entry that passes it. */
export const rangeBytesMax: number = 1 << 18
/** Largest index of a table, decompressed, in bytes; LevelDB's tables of 2 MiB have 100 KiB. */
export const tableIndexBytesMax: number = 1 << 26
/** Age in milliseconds from which a folder's time of change is taken for told apart from now. */
export const folderTimeGrainMs = 50
/** Largest `store.json` or `node.lock` that is read, in bytes; ours are a few hundred. */
export const markerBytesMax = 16_384
