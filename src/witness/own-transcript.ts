import { valueBytesMax, type RecordId } from '../../protocol/index.ts'
import type { Sight } from '../ports.ts'
import type { Judgement } from './judge.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function sampleOf({ path, measurement }: Sight): object {
  const { source, fields, measuredAt, method, readings } = measurement
  const countedWattHours = readings?.counterWattHours
  return { path, source, fields, measuredAt, method, countedWattHours }
}

function parsed(transcript: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(transcript))
  } catch {
    return decoder.decode(transcript)
  }
}

/**
 * A witness's own transcript, UTF-8 JSON of at most 16 KiB: the nonce, what each sample said, what
 * the witness made of it, and word for word as many of the last exchanges with the device as fit.
 */
export function ownTranscript(
  proof: RecordId,
  nonce: string,
  sights: readonly Sight[],
  judgement: Judgement,
): Uint8Array {
  const transcripts = sights.map(({ measurement }) => parsed(measurement.transcript))
  const samples = sights.map(sampleOf)
  for (let kept = transcripts.length; kept > 0; kept--) {
    const exchanged = transcripts.slice(transcripts.length - kept)
    const bytes = encode({ version: 1, proof, nonce, ...judgement, samples, exchanged })
    if (bytes.length <= valueBytesMax) return bytes
  }
  return encode({ version: 1, proof, nonce, ...judgement, samples, exchanged: [] })
}

const encode = (value: object): Uint8Array => encoder.encode(JSON.stringify(value))

/** Energy counted at the newest sample of a witness's transcript, in Wh; undefined without one. */
export function countedBySamples(transcript: Uint8Array): number | undefined {
  const told = parsed(transcript)
  const samples: unknown = Reflect.get(Object(told), 'samples')
  const last: unknown = Array.isArray(samples) ? samples.at(-1) : undefined
  const counted: unknown = Reflect.get(Object(last), 'countedWattHours')
  return typeof counted === 'number' && counted >= 0 ? counted : undefined
}
