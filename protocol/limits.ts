/**
 * Every limit of the protocol in one place. Two honest nodes with different values here would
 * disagree about the ledger or refuse each other's bytes; a node's own are in `src/limits.ts`.
 */

/** Largest change in bytes: a gossip message stays within 64 KiB, a check within a millisecond. */
export const changeBytesMax = 65_536
/** Most operations in a change; an 80-byte change could otherwise expand to millions. */
export const changeOperationsMax = 8_192
/** Records below one segment key: what a change costs Automerge grows with the map it touches. */
export const segmentRecords = 512
/** Most fields in a record. */
export const recordFieldsMax = 64
/** Longest text or bytes value in bytes; transcripts are the largest. */
export const valueBytesMax = 16_384
/** Largest integer in a record: from 2^53 - 1 on Automerge reads integers back as BigInt. */
export const integerMax: number = 2 ** 53 - 2

/** Longest name of a society or federation, in UTF-8 bytes. */
export const nameLengthMax = 64
/** Longest free text (description, reason, service, note), in UTF-8 bytes. */
export const textBytesMax = 1_024
/** Longest PeerId of a node, in bytes. */
export const peerIdBytesMax = 64
/** A signed head: its statement's 81 bytes and the signature's 64. */
export const signedHeadBytes = 145
/** Longest canonical source id, in characters. */
export const sourceIdLengthMax = 128

/** Founding ADP of a society, in mADP (1,000,000 ADP). */
export const foundingMilliAdpMax = 1_000_000_000
/** Least charge, in mATP (1 ATP). */
export const chargeMilliAtpMin = 1_000
/** Most sources that power one another in a row, beside the charged one. */
export const suppliesMax = 4
/** Live batches above which a society may not charge; claims and takes are never refused for it. */
export const liveBatchesMax = 1_000
/** Slices in one hand-over. */
export const handoverSlicesMax = 64
/** Longest life of a charge, in milliseconds (30 days). */
export const lifetimeMsMax: number = 30 * 86_400_000
/** Age at which a record is too old to be named by another, in milliseconds: the longest life of
 * ATP (30 days) and 30 days to answer for it. */
export const namedMsMax: number = lifetimeMsMax + 30 * 86_400_000
/** Longest time that a ticket or request may be open, in milliseconds: while it may be named. */
export const deadlineMsMax: number = lifetimeMsMax + 30 * 86_400_000
/** Longest end that an offer may ask for, in milliseconds; it is cut to that of its first batch. */
export const offerMsMax: number = 366 * 86_400_000
/** Highest price, in thousandths of an ADP per ATP. */
export const priceMax = 1_000_000_000
/** Readings that one attestation may stand for. */
export const attestedSamplesMax = 1_000_000
/**
 * How long a society's attestations are kept in its state, in milliseconds: a proof is charged
 * against for at most 30 days, and such a charge lives for at most 30 more.
 */
export const attestationsKeptMs: number = 60 * 86_400_000
/** Parts in which a retirement tells what its source is still occupied by. */
export const leftPartsMax = 24
/** How deep lent ATP may be granted on. */
export const grantDepthMax = 8
/** How far a measurement may be ahead of the record that carries it, in milliseconds. */
export const measuredAheadMsMax = 120_000
/** How far a change may be dated ahead of its receiver's clock before it waits, in milliseconds. */
export const datedAheadMsMax = 120_000
/** How old a head of its pool may be that lets a society leave at once, in milliseconds. */
export const headFreshMsMax = 120_000
/** Witness societies that one society may appoint (3f + 1 with f <= 10). */
export const witnessesMax = 31
/** Times that a society may change its witnesses: its state tells of every set. */
export const termMax = 1_024

/** Interactions that one `trust.observe` may stand for. */
export const observationCountMax = 10_000
/** Sources that one bond may commit. */
export const bondSourcesMax = 32
/** Shortest lock of a bond, in milliseconds (7 days). */
export const bondLockMsMin: number = 7 * 86_400_000
/** Longest lock of a bond, in milliseconds (365 days). */
export const bondLockMsMax: number = 365 * 86_400_000
/** Longest period of a vouch, in milliseconds (365 days). */
export const vouchMsMax: number = 365 * 86_400_000
/** Societies that may sign for one vouch. */
export const endorsersMax = 8
/** Active vouches of one sponsor; one that is not accepted yet counts. */
export const vouchesGivenMax = 3
/** Active vouches of one newcomer. */
export const vouchesReceivedMax = 2
/** Largest content of a checkpoint, in bytes (64 MiB). */
export const checkpointBytesMax = 67_108_864
/** Largest pedigree of a trust document, in bytes: it passes in one answer. */
export const pedigreeBytesMax = 786_432
/** Bytes of one part of it: it passes in an answer of at most 1 MiB. */
export const checkpointPartBytes = 786_432
/** Largest evidence of two statements, in bytes: it passes in one answer of at most 1 MiB. */
export const evidenceBytesMax = 786_432
/**
 * Greatest number of bytes of the changes of one frame, under one signature: a change more than
 * 256 KiB. Of two that part somewhere both fit into evidence, so that none is too long to show it.
 */
export const frameChangesBytesMax = 327_680
/** Values of `valueBytesMax` that evidence within a record may fill; larger is named by digest. */
export const evidencePartsMax = 3

/** Largest content of a backing file, in bytes (64 MiB): what one machine reads at a time. */
export const backingBytesMax = 67_108_864
/** Parts of each kind in a backing file: documents, branches, evidence, heads. */
export const backingPartsMax = 65_536
/** Changes of one document in a backing file. */
export const backingChangesMax = 1_048_576
