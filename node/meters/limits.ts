/** Longest address of a device, in characters: a host name of 253, a colon and a port. */
export const endpointLengthMax = 259
/** Longest path of a file, in characters: Linux takes 4,096 bytes. */
export const pathLengthMax = 1_024
/** Longest name of one device among several, in characters: a UUID has 40, OpenADR's names 128. */
export const deviceNameLengthMax = 128
