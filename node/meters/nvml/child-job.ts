/** What the child process is asked to do, as its only argument in JSON. */
export type NvmlJob = {
  /** Path or name of the library. */
  readonly library: string
  /** Index or UUID of the GPU; null for the only one. */
  readonly gpu: string | null
  /** Between the two samples, in ms. */
  readonly intervalMs: number
  /** Asks again and again, so many ms apart, a line each time; once without it. */
  readonly everyMs?: number
}

/** One question to the driver and its answer; big numbers as text. */
export type NvmlCall = {
  readonly call: string
  /** Milliseconds by a clock that only goes forward. */
  readonly atMs: number
  /** Status of NVML, 0 for success. */
  readonly code: number
  readonly value?: string | number
}

/** What the counters of a GPU showed at a moment. */
export type NvmlSample = {
  /** Milliseconds by a clock that only goes forward. */
  readonly atMs: number
  /** mW; null where this GPU does not tell. */
  readonly power: number | null
  /** mJ since the driver was loaded, in decimal; null where this GPU does not tell. */
  readonly energy: string | null
}

/** One GPU of several, for the operator to choose from. */
export type NvmlListed = { readonly index: number; readonly uuid: string; readonly name: string }

/** What the child found; everything that the driver said is in `calls`. */
export type NvmlFound =
  | {
      readonly outcome: 'measured'
      readonly driver: string
      readonly gpu: NvmlListed
      /** mW. */
      readonly defaultLimit: number
      /** mW; null where this GPU does not tell. */
      readonly enforcedLimit: number | null
      readonly samples: readonly [NvmlSample, NvmlSample]
      readonly calls: readonly NvmlCall[]
    }
  /** None or several fit the choice. */
  | { readonly outcome: 'choose'; readonly gpus: readonly NvmlListed[] }
  /** The driver refused a question without whose answer there is no measurement. */
  | { readonly outcome: 'refused'; readonly call: string; readonly code: number }
  /** There is no such library, or it is none of NVML; in the loader's words. */
  | { readonly outcome: 'unloadable'; readonly message: string }
