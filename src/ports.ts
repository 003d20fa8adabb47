import type { RecordId, WitnessPath } from '../protocol/index.ts'

/**
 * The world as a replica sees it. Bytes and promises only; each port has a contract suite in
 * `test/contracts/` that the real adapter and the simulated one both pass.
 */

import type { Fault, SourceType } from '../protocol/index.ts'

/** One write of a batch; no value deletes the key. */
export type StoreWrite = { readonly key: string; readonly value?: Uint8Array }

/** Bounds of a range: from `gte` (inclusive) to `lt` (exclusive), in byte order of the keys. */
export type StoreRange = {
  readonly gte: string
  readonly lt: string
  readonly reverse?: boolean
  readonly limit?: number
}

/**
 * An ordered map on disk. Keys are ASCII text. What it returns is what was written: a value whose
 * checksum does not fit is refused with `store-damaged`, never served.
 */
export interface Store {
  /** Writes all or nothing. With `sync` it resolves once the batch would survive a power cut. */
  write(writes: readonly StoreWrite[], options: { readonly sync: boolean }): Promise<void>
  get(key: string): Promise<Uint8Array | undefined>
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  range(range: StoreRange): AsyncIterable<readonly [key: string, value: Uint8Array]>
  /** Gives back the space of what was deleted in a range; without it the store does by itself. */
  compact?(gte: string, lt: string): Promise<void>
  close(): Promise<void>
}

/** A libp2p PeerId in its text form. */
export type PeerName = string

/** What became of a gossip message, in the terms of gossipsub's validators. */
export type GossipVerdict = 'accept' | 'ignore' | 'reject'

/** What the network tells the replica. Handlers may not throw. */
export type NetworkHandlers = {
  gossip(peer: PeerName, topic: string, data: Uint8Array): Promise<GossipVerdict>
  connected(peer: PeerName): void
  disconnected(peer: PeerName): void
}

/** A node's libp2p key, as far as the replica needs it. */
export type NodeIdentity = {
  readonly peerId: PeerName
  sign(message: Uint8Array): Uint8Array
}

/** Messages between nodes. Gossip is a hint that may be lost; a request is answered or fails. */
export interface Network {
  readonly self: PeerName
  /** The node's own key: its PeerId, and signatures under it. */
  readonly identity: NodeIdentity
  start(handlers: NetworkHandlers): Promise<void>
  peers(): readonly PeerName[]
  subscribe(topic: string): void
  unsubscribe(topic: string): void
  /** Hands a message to gossip; never blocks, drops when its own bounded queue is full. */
  publish(topic: string, data: Uint8Array): void
  /** Answers requests of a protocol; what the handler throws closes the stream, nothing more. */
  serve(protocol: string, handler: (peer: PeerName, body: Uint8Array) => Promise<Uint8Array>): void
  /** One request and its answer, each at most 1 MiB. Fails with `peer-unavailable`. */
  request(peer: PeerName, protocol: string, body: Uint8Array): Promise<Uint8Array>
  /** Tells that a peer misbehaved; the adapter lowers its score and may disconnect it. */
  penalise(peer: PeerName, code: string): void
  stop(): Promise<void>
}

/** Wall clock in milliseconds since 1970, and timers. */
export interface Clock {
  now(): number
  /** Milliseconds since some moment, by what goes on evenly however the wall clock is set. */
  elapsed(): number
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void
  /** The same at an instant, for clocks that meet it to the millisecond. */
  at?(instant: number, callback: () => void): () => void
}

/** Randomness for choices that need not be secret (peer to ask, jitter): a float in [0, 1). */
export interface Random {
  next(): number
}

/** Structured log. */
export interface Log {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}

/** A signature to be checked: 64 bytes, what was signed, and 32 bytes of key. */
export type SignatureCheck = {
  readonly signature: Uint8Array
  readonly message: Uint8Array
  readonly publicKey: Uint8Array
}

/** ed25519 with ZIP-215 semantics; fast verifiers may say yes, only ZIP-215's no counts. */
export interface Verifier {
  /** Checks a signature; false for anything malformed, never throws. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  /**
   * Checks signatures aside, on another core; what holds is then known to `verify` until the next
   * call but one. Without it `verify` does all the work itself. Never rejects.
   */
  readonly ahead?: (checks: readonly SignatureCheck[]) => Promise<void>
}

/** Signs with the society's key. The key never leaves the adapter. */
export interface Signer {
  /** The society's ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/** Builds Automerge documents from changes that passed every check, apart from the main thread. */
export interface Documents {
  /** The saved document that these changes of one author (or of several) build, heads sorted. */
  build(
    changes: readonly Uint8Array[],
  ): Promise<{ readonly saved: Uint8Array; readonly heads: readonly string[] }>
  /** The plain content of the same, as JSON text; bytes as lower-case hex. */
  read(changes: readonly Uint8Array[]): Promise<string>
  close(): Promise<void>
}

/** What a meter saw: the fields of an `energy.prove` and the transcript that shows it. */
export type Measurement = {
  /** Canonical source id, `type:scheme:value`. */
  readonly source: string
  /** `with` fields of `energy.prove` besides source and evidence; decimals in W, ratios 0..1. */
  readonly fields: Readonly<Record<string, string | number | boolean>>
  /** Milliseconds since 1970. */
  readonly measuredAt: number
  readonly method: string
  /** UTF-8 JSON of every request and answer, at most 16 KiB. */
  readonly transcript: Uint8Array
  readonly simulated: boolean
  /** What the transcript tells besides, where whoever measured has read it. */
  readonly readings?: Readings
  /** Level that two witnesses stand ready to bear out, where whoever measured has asked them. */
  readonly witnessedLevel?: number
  /** Whether the device showed a key that a maker's certificate vouches for, with its serial. */
  readonly isRooted?: boolean
  /** Whether it came within TLS from a server that somebody whom this node believes vouches for. */
  readonly isSealed?: boolean
  /**
   * Gets what a witness needs to ask a server as this node did, and no more: a token of printable
   * ASCII that only reads, for an hour at most. Fails with `not-authorised` where there is none.
   */
  readonly pass?: () => Promise<string>
  /**
   * Measures once more, with a witness's nonce as `nonce` in the transcript. For what no stream of
   * bytes leads to, where this node's own answer is all that others can get. Bounded in time.
   */
  readonly again?: (nonce: string) => Promise<Measurement>
}

/** What a transcript tells that no field of a proof carries; what it does not tell is left out. */
export type Readings = {
  /** Energy counted since the device was made, in Wh. */
  readonly counterWattHours?: number
  /** Steps in which it counts, in Wh, where its meter knows. */
  readonly counterStepWattHours?: number
  /** How long before `measuredAt` it stood there at most, in ms, where its meter knows. */
  readonly countedWithinMs?: number
  /** Main fuse of a grid connection, in A a phase. */
  readonly fuseAmperes?: number
  /** Phases of that connection; 1 where nothing is said. */
  readonly phases?: number
  /** Energy that a battery is built to hold, in Wh. */
  readonly ratedWattHours?: number
}

/** What a meter showed at one moment; null for what it does not tell. */
export type Sample = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly watts: number | null
  /** Energy counted since the device was made, in Wh. */
  readonly wattHours: number | null
  /** What it could give all the time by its proof of then, in W. */
  readonly most: number | null
}

/** What a proof tells, for whoever asks whether it can be: W, Wh, ratios 0..1, degrees, ms. */
export type ProofClaim = {
  readonly source: string
  readonly type: SourceType
  readonly measuredAt: number
  /** Degrees, north and east positive, to a tenth; null where the proof names none. */
  readonly site: { readonly latitude: number; readonly longitude: number } | null
  readonly rated: number | null
  /** Measured just then. */
  readonly output: number | null
  readonly tdp: number | null
  readonly model: string | null
  readonly allocated: number | null
  readonly dischargeRate: number | null
  readonly stored: number | null
  /** What its transcript tells besides. */
  readonly readings: Readings
  /** Earlier samples of the same source that are known to whoever asks, oldest first. */
  readonly history: readonly Sample[]
}

/** Knows what physics allows. */
export interface Plausibility {
  /** What a transcript tells besides the fields of its proof. Never throws. */
  readingsOf(transcript: Uint8Array): Readings
  /** Why a claim cannot be, with the code `implausible-proof`; null where it can. Never throws. */
  judge(claim: ProofClaim): Fault | null
}

/** A way to measure one kind of source. Throws faults `source-unavailable`, `source-nonsense`. */
export interface Meter {
  measure(signal: AbortSignal): Promise<Measurement>
}

/** What a society claims of a source, as a witness is asked to look at it. */
export type Claimed = {
  readonly proof: RecordId
  readonly source: string
  readonly method: string
  /** The node that asks, the claimant's; a way to the device may lead through it. */
  readonly peer: PeerName
  /** The claimant's own transcript, whose digest is in the proof. */
  readonly transcript: Uint8Array
  /** What the claimant's node hands over for a server to answer; fails as it refuses. */
  readonly pass: () => Promise<string>
}

/** What a witness saw at one look, and how the look reached the device. */
export type Sight = { readonly path: WitnessPath; readonly measurement: Measurement }

/** This node's own eyes: how it looks at the sources of others. */
export interface Examiner {
  /** Whether what was measured by a method can be looked at from another node. */
  canReach(method: string): boolean
  /** 16 random bytes in hex that nobody can foresee. */
  nonce(): string
  /**
   * Looks once, bounded in time and bytes, writing nothing to the device. Fails with
   * `source-unavailable`, `source-nonsense`, `bad-signature`, or as the claimant's node refuses.
   */
  look(claimed: Claimed): Promise<Sight>
  /** Energy counted as a meter's transcript tells it, in Wh; undefined where it does not. */
  countedIn(transcript: Uint8Array): number | undefined
}
