import { Failure, type Meter } from '../../src/index.ts'
import { sunspecSolar } from './sunspec/solar.ts'

/** What is to be measured, and where. */
export type MeasureRequest = {
  readonly type: 'solar'
  /** `HOST:PORT` of a SunSpec device on Modbus TCP. */
  readonly sunspec: string
  /** Modbus unit, 1..247; 1 by default. */
  readonly unit?: number | undefined
  /** `LAT,LON` in degrees. */
  readonly site?: string | undefined
}

/** Reads `HOST:PORT`, also `[IPv6]:PORT`. Fails with `malformed`. */
function parseEndpoint(text: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-fA-F:]+\]|[^\s:]+):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port < 1 || port > 65_535) {
    throw new Failure('malformed', `'${text}' is no HOST:PORT, such as 192.0.2.7:502`)
  }
  return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port }
}

/** The meter that a request asks for. Fails with `malformed`. */
export function meterFor(request: MeasureRequest): Meter {
  const { unit, site } = request
  return sunspecSolar({
    ...parseEndpoint(request.sunspec),
    ...(unit === undefined ? {} : { unit }),
    ...(site === undefined ? {} : { site }),
    now: () => Date.now(),
  })
}
