import type { SourceType } from '../../protocol/index.ts'
import { Failure, type Measurement, type Meter } from '../../src/index.ts'
import { endpointOf } from './endpoint.ts'
import type { MeterContext, MeterGiven, MeterKind } from './meter-kind.ts'
import { sourceOptions } from './source-options.ts'
import { kindsFor } from './table.ts'
import { withNonce } from './transcript.ts'

/** What is to be measured: a type of source, and the options of one way to measure it. */
export type MeasureRequest = MeterGiven & {
  readonly type: SourceType
  /** `LAT,LON` in degrees. */
  readonly site?: string | undefined
  /** Own source that feeds it: its id, or a unique prefix. */
  readonly poweredBy?: string | undefined
}

const flagOf = ({ options }: MeterKind): string => options[0].name

/** The one way to measure that a request asks for. Fails with `malformed` for none or several. */
function kindOf(request: MeasureRequest): MeterKind {
  const kinds = kindsFor(request.type)
  const asked = kinds.filter((kind) => request[flagOf(kind)] !== undefined)
  const [kind = kinds.find(({ byDefault }) => byDefault === true), another] = asked
  if (kind !== undefined && another === undefined) return kind
  const names = kinds.map((each) => flagOf(each)).join(', ')
  throw new Failure('malformed', `to measure ${request.type}, give one of: ${names}`)
}

/** Host of the device that a request names; undefined where it is the node's own machine. */
export function hostOf(request: MeasureRequest): string | undefined {
  const kind = kindsFor(request.type).find((each) => request[flagOf(each)] !== undefined)
  const { name = '', form } = kind?.options[0] ?? {}
  const given = String(request[name])
  const url = form === 'endpoint' ? `tcp://${given}` : given
  const isPlace = form === 'endpoint' || form === 'url'
  return isPlace && URL.canParse(url) ? endpointOf(new URL(url)).host : undefined
}

/** A measurement of what another source feeds, which no device tells. */
function fedBy(poweredBy: string, measurement: Measurement): Measurement {
  return { ...measurement, fields: { ...measurement.fields, poweredBy } }
}

/** The meter that a request asks for. Fails with `malformed`. */
export function meterFor(request: MeasureRequest, context: MeterContext): Meter {
  const kind = kindOf(request)
  const names = [...kind.options, ...sourceOptions].map(({ name }) => name)
  const known = new Set(['type', ...names])
  const stray = Object.keys(request).find((name) => !known.has(name) && request[name] !== undefined)
  if (stray !== undefined) {
    throw new Failure('malformed', `${stray} does not go with ${flagOf(kind)}`)
  }
  const meter = kind.open(request.type, request, context)
  const { poweredBy } = request
  if (poweredBy === undefined) return meter
  return { measure: async (signal) => fedBy(poweredBy, await meter.measure(signal)) }
}

/**
 * Measures what a request asks for. Where nobody else can reach the device, the measurement brings
 * the way to answer witnesses. Fails as the meter does.
 */
export async function measureNow(
  request: MeasureRequest,
  context: MeterContext,
  limitMs: number,
  stop?: AbortSignal,
): Promise<Measurement> {
  const meter = meterFor(request, context)
  const measure = (): Promise<Measurement> => {
    const timeout = AbortSignal.timeout(limitMs)
    return meter.measure(stop === undefined ? timeout : AbortSignal.any([stop, timeout]))
  }
  const measurement = await measure()
  const { witnessed, inLedgers } = kindOf(request)
  const isSeenByOthers = witnessed?.methods.includes(measurement.method) ?? inLedgers
  if (isSeenByOthers === true) return measurement
  return { ...measurement, again: async (nonce) => withNonce(await measure(), nonce) }
}
