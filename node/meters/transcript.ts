import assert from 'node:assert/strict'
import { valueBytesMax } from '../../protocol/index.ts'
import { Failure, type Measurement } from '../../src/index.ts'
import { endpointOf, type Endpoint } from './endpoint.ts'

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
  /**
   * What the meter made of the answers; `lifetimeWattHours` in it is energy that the device has
   * counted since it was made, in Wh.
   */
  readonly reading: object
  /** What a witness gave so that the answers cannot be older than its question. */
  readonly nonce?: string
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

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads a transcript, so far as it tells where the device is; undefined for anything else. */
export function decodeTranscript(bytes: Uint8Array): Transcript | undefined {
  let told: unknown
  try {
    told = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
  if (!isMap(told) || !isMap(told['endpoint']) || !isMap(told['reading'])) return undefined
  const isPlain = Object.values(told['endpoint']).every((value) =>
    ['string', 'number'].includes(typeof value),
  )
  return isPlain ? (told as Transcript) : undefined
}

/** Where the device of a transcript is; undefined where it is on no network. */
export function endpointIn({ endpoint }: Transcript): Endpoint | undefined {
  const { host, port } = endpoint
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : undefined
}

/**
 * The address of the server of a transcript, which is where the transcript says that it listens;
 * undefined where it tells none, or another one: a witness may dial the one it was told.
 */
export function urlIn(transcript: Transcript): URL | undefined {
  const { url: text } = transcript.endpoint
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const told = endpointIn(transcript)
  if (url === undefined || told === undefined) return undefined
  const { host, port } = endpointOf(url)
  return host === told.host && port === told.port ? url : undefined
}

/** A number of a device's own that its reading tells; undefined where it does not. */
export function numberIn({ reading }: Transcript, name: string): number | undefined {
  const value: unknown = Reflect.get(reading, name)
  return typeof value === 'number' ? value : undefined
}

/** Energy that a device has counted, in Wh, as a transcript tells it; undefined without a count. */
export function countedWattHours(transcript: Transcript): number | undefined {
  const counted = numberIn(transcript, 'lifetimeWattHours')
  return counted !== undefined && counted >= 0 ? counted : undefined
}

/** A measurement's transcript with a witness's nonce in it. */
export function withNonce(measurement: Measurement, nonce: string): Measurement {
  const told = decodeTranscript(measurement.transcript)
  assert(told !== undefined, 'meters write transcripts')
  return { ...measurement, transcript: encodeTranscript({ ...told, nonce }) }
}
