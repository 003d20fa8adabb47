/** Longest address of a device, in characters: a host name of 253, a colon and a port. */
export const endpointLengthMax = 259
