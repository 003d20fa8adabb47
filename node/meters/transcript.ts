import { valueBytesMax } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'

/** What a meter asked and was told, for others to judge; every meter writes this form. */
export type Transcript = {
  readonly version: 1
  /** The measurement's `method`. */
  readonly method: string
  /** Where the device is: host and port, an address, a file. */
  readonly endpoint: Readonly<Record<string, string | number>>
  /** Milliseconds since 1970, as is `finishedAt`. */
  readonly startedAt: number
  readonly finishedAt: number
  /** Every request and its answer as they were, oldest first; no secrets. */
  readonly exchanges: readonly object[]
  /** What the meter made of the answers. */
  readonly reading: object
}

/**
 * The UTF-8 JSON of a transcript. Throws `source-nonsense` if it is longer than evidence may be,
 * 16 KiB: the device told more than anybody could check.
 */
export function encodeTranscript(transcript: Transcript): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(transcript))
  if (bytes.length <= valueBytesMax) return bytes
  throw new Failure(
    'source-nonsense',
    `What the device was asked and answered is ${bytes.length} bytes, and evidence has at most ` +
      `${valueBytesMax}; check that it is the device you mean, and that it stands alone there.`,
  )
}
