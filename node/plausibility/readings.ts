import type { Readings } from '../../src/index.ts'
import { phaseVolts } from './limits.ts'

const decoder = new TextDecoder()

/** A number that is told, or nothing. */
function told(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function readingIn(transcript: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(decoder.decode(transcript))
    const reading: unknown = Reflect.get(Object(value), 'reading')
    return Object(reading) as Readonly<Record<string, unknown>>
  } catch {
    // Not JSON: a transcript of another program, of which nothing is known.
    return {}
  }
}

/**
 * What a transcript tells besides the fields of its proof: the `reading` of our own meters, whose
 * members have the same names in all of them.
 */
export function readingsOf(transcript: Uint8Array): Readings {
  const reading = readingIn(transcript)
  const counterWattHours = told(reading['lifetimeWattHours'])
  const ratedWattHours = told(reading['ratedWattHours'])
  const fuseWatts = told(reading['fuseWatts'])
  const phases = told(reading['phases']) ?? 1
  return {
    ...(counterWattHours === undefined ? {} : { counterWattHours }),
    ...(ratedWattHours === undefined ? {} : { ratedWattHours }),
    ...(fuseWatts === undefined ? {} : { fuseAmperes: fuseWatts / phaseVolts / phases, phases }),
  }
}
