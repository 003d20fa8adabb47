/** Something that reads bytes of anybody's making. */
export type Target = {
  readonly name: string
  /** Share of the inputs, in parts of all shares. */
  readonly share: number
  /** Inputs to begin with; mutated ones follow. */
  readonly seeds: () => readonly Uint8Array[]
  /** Makes a mutated input whole again where nothing else could be reached; most need not. */
  readonly mend?: (bytes: Uint8Array) => Uint8Array
  /** Reads an input. What it throws, but for a `Failure` where one is due, is a fault. */
  readonly read: (bytes: Uint8Array) => void
}
