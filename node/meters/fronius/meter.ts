import type { MeterOptions } from '../meter-options.ts'
import { Failure, type Measurement, type Meter } from '../../../src/index.ts'
import type { Endpoint } from '../endpoint.ts'
import { toMeasurement } from '../measurement.ts'
import { withinTime } from '../time-limit.ts'
import type { Amount, InverterInfo } from './answers.ts'
import { readEntities } from './custom-name.ts'
import { answerTimeoutMs, connectTimeoutMs, measureTimeoutMs, wattsMax } from './limits.ts'
import { openSolarApi, type SolarApi } from './solar-api.ts'

/** Where a Fronius inverter is, and the time limits in milliseconds if not those of `limits.ts`. */
export type FroniusOptions = MeterOptions &
  Endpoint & {
    /** Number of the inverter behind its data manager; the lowest by default. */
    readonly unit?: number
    readonly connectTimeoutMs?: number
    /** For one answer. */
    readonly answerTimeoutMs?: number
  }

/** How measurements over the Solar API are made, as their proofs tell. */
export const froniusMethod = 'fronius-solar-api-v1'

/** What PVPower is while nobody has set it: nothing, every bit, and the default of old firmware. */
const unsetWatts: ReadonlySet<number> = new Set([0, -1, 500, 65_535, 16_777_215, 4_294_967_295])

/** What the rating rests on, for whoever judges the transcript. */
const ratedFrom =
  'PVPower: what the installer entered as the power of the panels, or a default; not measured'

const rounded = (amount: number): number => Math.round(amount * 1000) / 1000

function pickInverter(
  inverters: Readonly<Record<string, InverterInfo>>,
  unit: number | undefined,
  place: string,
): { readonly device: number; readonly info: InverterInfo } {
  const devices = Object.keys(inverters)
    .map(Number)
    .toSorted((one, other) => one - other)
  const device = unit ?? devices[0]
  const info = device === undefined ? undefined : inverters[String(device)]
  if (device !== undefined && info !== undefined) return { device, info }
  const behind = devices.length === 0 ? 'none now' : devices.slice(0, 20).join(', ')
  throw new Failure(
    'source-unavailable',
    `There is no ${unit === undefined ? 'inverter' : `inverter ${unit}`} behind ${place}, ` +
      `which knows ${behind}; check the unit, and see that the inverter is on.`,
  )
}

function readRated({ PVPower }: InverterInfo): number {
  const watts = PVPower ?? 0
  if (unsetWatts.has(watts)) {
    throw new Failure(
      'source-nonsense',
      `The inverter does not tell the power of its panels (PVPower is ${PVPower ?? 'missing'}, ` +
        'which stands for unset); enter it in the inverter’s settings.',
    )
  }
  if (watts > 0 && watts <= wattsMax) return rounded(watts)
  throw new Failure(
    'source-nonsense',
    `The inverter gives the power of its panels as ${watts} W, which no inverter has; ` +
      'enter the real one in its settings.',
  )
}

/** Power now, in W; null at night, when the inverter does not tell. */
function readOutput(power: Amount | undefined): number | null {
  const watts = power?.Value ?? null
  if (watts === null || Math.abs(watts) <= wattsMax) return watts === null ? null : rounded(watts)
  throw new Failure(
    'source-nonsense',
    `The inverter says that it gives ${watts} W, which no inverter can; update its firmware.`,
  )
}

async function readInverter(api: SolarApi, options: FroniusOptions) {
  await api.checkVersion()
  const { data: inverters } = await api.inverters()
  const place = `${options.host}:${options.port}`
  const { device, info } = pickInverter(inverters, options.unit, place)
  const { data, deviceTime } = await api.now(device)
  return {
    device,
    serial: String(info.UniqueID).trim(),
    deviceType: info.DT ?? null,
    customName: readEntities(info.CustomName ?? ''),
    status: data.DeviceStatus?.StatusCode ?? info.StatusCode ?? null,
    ratedWatts: readRated(info),
    ratedFrom,
    outputWatts: readOutput(data.PAC),
    lifetimeWattHours: data.TOTAL_ENERGY?.Value ?? null,
    deviceTime: new Date(deviceTime).toISOString(),
  }
}

/**
 * Measures a solar inverter over the Fronius Solar API v1: `rated` and `output` in W. The source is
 * `solar:fronius:<UniqueID>`. `rated` is weak: an installer enters it, the transcript says so.
 * `measure` throws `source-unavailable` if the inverter does not answer in time or sleeps,
 * `source-nonsense` if it answers what no inverter can mean or nobody set its rating, and
 * `invalid-source` if it has no id of its own.
 */
export function froniusMeter(options: FroniusOptions): Meter {
  const { host, port, site, now, reach } = options

  async function measure(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const api = openSolarApi({
      host,
      port,
      connectTimeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
      answerTimeoutMs: options.answerTimeoutMs ?? answerTimeoutMs,
      signal,
      reach,
    })
    const reading = await readInverter(api, options)
    const { serial, ratedWatts: rated, outputWatts } = reading
    // At night an inverter draws a little for itself; that is no output.
    const output = outputWatts === null ? {} : { output: Math.max(0, outputWatts) }
    return toMeasurement({
      type: 'solar',
      scheme: 'fronius',
      names: { UniqueID: serial },
      fields: { rated, ...output },
      site,
      method: froniusMethod,
      endpoint: { host, port },
      startedAt,
      finishedAt: now(),
      exchanges: api.exchanges,
      reading,
    })
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, measure) }
}
