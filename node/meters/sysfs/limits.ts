/** Longest text that is read of one file, in bytes: sysfs gives a page at most, devices a line. */
export const fileBytesMax = 4_096
/** The same of what is no evidence: NVIDIA's list of power modes has 20 KiB. */
export const unkeptBytesMax = 131_072
/** Most entries of one directory that are looked at: a server has 8 packages, a board 20 buses. */
export const entriesMax = 256
