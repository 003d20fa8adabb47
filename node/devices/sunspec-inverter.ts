/**
 * A simulated inverter of solar panels or a wind turbine: a program of its own that serves SunSpec
 * over Modbus TCP, to try meters and nodes without hardware. Whoever reads it can tell: its serial
 * begins with `SIM-`. With `--site` its panels follow the sun there, and give nothing at night.
 */
import { parseArgs } from 'node:util'
import {
  deviceFlags,
  numberOf,
  oneOf,
  optionalNumberOf,
  readDeviceFlags,
  runDevice,
  unsetSerial,
  type DeviceSettings,
} from './device-flags.ts'
import { baseOf, modbusMisbehaviours, serialLengthMax, serveModbus } from './modbus-device.ts'
import { powerAfter, type Power } from './power-curve.ts'
import { panelSiteOf, underTheSun } from './sun-curve.ts'
import type { Base, RegisterMap } from './sunspec-blocks.ts'
import { inverterMap, type ModelSet } from './sunspec-map.ts'
import { readTlsFlags, tlsFlags, type DeviceTlsServer } from './tls-front.ts'

const usage = `Usage: sunspec-inverter [--host 127.0.0.1] [--port 0] [--unit 1] [--serial SIM-0001]
  [--kind solar|wind] [--rated 5000] [--watts W | --site LAT,LON] [--models int|float|der]
  [--base 40000|0|50000]
  [--tls-certificate FILE --tls-key FILE [--tls-clients FILE]]
  [--ahead-seconds 0] [--since MS] [--attached]
  [--misbehave none|stall|slow|close|night|refuse-marker|nonsense-lengths|no-end|not-implemented|
               nonsense-amounts|wrap|no-serial]`

const misbehaviours = [
  ...modbusMisbehaviours,
  'not-implemented',
  'nonsense-amounts',
  'wrap',
  'no-serial',
] as const
const modelSets = ['int', 'float', 'der'] as const satisfies readonly ModelSet[]
const manufacturers = { solar: 'Simulated Solar', wind: 'Simulated Wind' } as const
const kinds = ['solar', 'wind'] as const

/** More than any inverter has, in W. */
const nonsenseWatts = 4e9
/** The last Wh before a counter of 32 bits begins again. */
const lastWattHour = 2 ** 32 - 1

type Misbehaviour = (typeof misbehaviours)[number]

type Settings = DeviceSettings<Misbehaviour> & {
  readonly unit: number
  readonly kind: (typeof kinds)[number]
  readonly rated: number
  /** Power and counter some seconds after the start; undefined where nothing else rules them. */
  readonly curve: ((seconds: number) => Power) | undefined
  readonly watts: number | undefined
  readonly models: ModelSet
  readonly base: Base
  readonly tls: DeviceTlsServer | undefined
}

function readFlags(): Settings {
  const { values } = parseArgs({
    options: {
      ...deviceFlags,
      unit: { type: 'string', default: '1' },
      kind: { type: 'string', default: 'solar' },
      rated: { type: 'string', default: '5000' },
      watts: { type: 'string' },
      site: { type: 'string' },
      models: { type: 'string' },
      base: { type: 'string', default: '40000' },
      ...tlsFlags,
    },
  })
  const { watts, site } = values
  const kind = oneOf('kind', values.kind, kinds)
  const rated = numberOf('rated', values.rated, 0, 1e9)
  if (site !== undefined && (kind === 'wind' || watts !== undefined)) {
    throw new TypeError('--site is of panels whose power --watts does not give')
  }
  const device = readDeviceFlags(values, misbehaviours, serialLengthMax)
  const { clock } = device
  const sunny = (text: string): Settings['curve'] =>
    underTheSun(rated, panelSiteOf(text), clock.now() - 1000 * clock.seconds())
  return {
    ...device,
    unit: numberOf('unit', values.unit, 1, 247),
    kind,
    rated,
    curve: site === undefined ? undefined : sunny(site),
    watts: optionalNumberOf('watts', watts, -1e6, 1e9),
    models: oneOf('models', values.models ?? (kind === 'wind' ? 'der' : 'int'), modelSets),
    base: baseOf(values.base),
    tls: readTlsFlags(values),
  }
}

/** The registers as they are `seconds` after the start. */
function mapAfter(seconds: number, settings: Settings): RegisterMap {
  const { rated, watts, curve, misbehave } = settings
  const counterStart = misbehave === 'wrap' ? lastWattHour : undefined
  const amounts = {
    ratedWatts: misbehave === 'nonsense-amounts' ? nonsenseWatts : rated,
    ...(curve?.(seconds) ?? powerAfter(seconds, rated, watts, counterStart)),
  }
  return inverterMap({
    models: settings.models,
    base: settings.base,
    manufacturer: manufacturers[settings.kind],
    model: `Sim ${settings.models}`,
    options: 'simulated',
    version: '1.0.0',
    serial: misbehave === 'no-serial' ? unsetSerial : settings.serial,
    ...(misbehave === 'not-implemented' ? {} : amounts),
  })
}

runDevice(usage, () => {
  const settings = readFlags()
  const { host, port, unit, kind, serial, rated, models, base, misbehave, clock } = settings
  serveModbus({
    host,
    port,
    unit,
    misbehave,
    clock,
    tls: settings.tls,
    mapAfter: (seconds) => mapAfter(seconds, settings),
    what: `inverter (${kind}) ${serial}, ${rated} W`,
    line: { kind, serial, rated, models, base },
  })
})
