/** Time of one look at a device, in milliseconds: a measurement of one's own may take as long. */
export const lookMsMax = 10_000
/** Time for which a tunnel may stand, in milliseconds: one look, and the way there. */
export const tunnelMsMax = 20_000
/** Time for what opens a tunnel, in milliseconds: the proof it is for, and the answer. */
export const openingMsMax = 5_000
/** Time to connect to one's own device for a witness, in milliseconds. */
export const dialMsMax = 3_000
/** Bytes that may pass a tunnel each way; a look over TLS needs under 32 KiB. */
export const tunnelBytesMax = 262_144
/** Length of a refusal to open a tunnel that is read, in bytes: a code and a sentence or two. */
export const refusalBytesMax = 1_024
