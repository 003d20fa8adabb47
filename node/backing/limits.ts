import { backingBytesMax } from '../../protocol/index.ts'

/** Largest backing file that is read, in bytes: its content if that could not be made smaller. */
export const backingFileBytesMax: number = backingBytesMax + 1_048_576
/** Longest first line of a backing file, in bytes: its three words have at most 95. */
export const headerBytesMax = 128
/** How hard a file is compressed, of 1 to 22: beyond this it takes far longer and saves little. */
export const compressionLevel = 9
/** How far back a compressed file may refer, as a power of two (8 MiB): the memory it asks for. */
export const windowLogMax = 23
