import type { SourceType } from '../../protocol/index.ts'
import type { Measurement } from '../../src/index.ts'
import { isSimulator, sourceOfDevice, type DeviceNames } from './device-name.ts'
import { encodeTranscript, type Transcript } from './transcript.ts'

/** What a meter found out about a device. */
export type Finding = Omit<Transcript, 'version'> & {
  readonly type: SourceType
  readonly scheme: string
  /** What the device calls itself, as its source id has it; its serial number last. */
  readonly names: DeviceNames
  readonly fields: Measurement['fields']
  /** `LAT,LON`, as it was given. */
  readonly site: string | undefined
}

/**
 * The measurement that a finding makes: who it is, what it can, and the transcript. Throws
 * `invalid-source` for a device without a name, `source-nonsense` for more than evidence may hold.
 */
export function toMeasurement(finding: Finding): Measurement {
  const { type, scheme, names, fields, site, ...told } = finding
  const { method, finishedAt } = told
  return {
    source: sourceOfDevice(type, scheme, names),
    fields: { ...fields, ...(site === undefined ? {} : { site }) },
    measuredAt: finishedAt,
    method,
    transcript: encodeTranscript({ version: 1, ...told }),
    simulated: isSimulator(Object.values(names).at(-1) ?? ''),
  }
}
