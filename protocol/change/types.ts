declare const brand: unique symbol

/** SHA-256 of a change's chunk, 64 lower-case hex digits. It is what a society signs. */
export type ChangeHash = string & { readonly [brand]: 'ChangeHash' }

/** Automerge actor of a document: owner's key and a byte for the kind, 66 lower-case hex digits. */
export type Actor = string & { readonly [brand]: 'Actor' }

/** A value of a record's field. Numbers are safe integers; text is well-formed Unicode. */
export type Scalar = string | number | boolean | Uint8Array

/**
 * One operation of a change: inserts `value` under `key` into the map `object`, or a new map where
 * there is no value. `object` is 0 for the root, else the counter of the operation that made it.
 */
export type Operation = {
  readonly object: number
  readonly key: string
  readonly value?: Scalar
}

/** The frame of a change: all that chain and signature checks need, without its operations. */
export type ChangeHeader = {
  readonly actor: Actor
  /** Place in the document's chain, from 1. */
  readonly seq: number
  /** Counter of the first operation, from 1. */
  readonly startOperation: number
  /** Milliseconds since 1970, UTC. */
  readonly time: number
  /** The change before, null for the first. */
  readonly previous: ChangeHash | null
}

/** A change of our subset of Automerge: one author, one dependency, inserts of maps and scalars. */
export type Change = ChangeHeader & { readonly operations: readonly Operation[] }

/** The fields of a record by name, in ascending order of their names. */
export type Fields = ReadonlyMap<string, Scalar>

/** What must be remembered of a document's chain to judge its next change; plain data. */
export type Chain = {
  readonly actor: Actor
  /** Root key of the document: its name, `trust/<did>` or `pool/<did>`. */
  readonly document: string
  /** Newest change's place; 0 for an empty chain. */
  readonly seq: number
  readonly head: ChangeHash | null
  /** Counter that the next change's first operation must have. */
  readonly nextOperation: number
  /** Time of the newest change in milliseconds; 0 for an empty chain. */
  readonly time: number
  /** Counter of the document's root map; 0 before the first change. */
  readonly root: number
  /** Counter of the newest segment's map. */
  readonly segment: number
  /** Records in the chain. */
  readonly count: number
}
