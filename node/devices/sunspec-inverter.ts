/**
 * A simulated inverter of solar panels or a wind turbine: a program of its own that serves SunSpec
 * over Modbus TCP, to try meters and nodes without hardware. Whoever reads it can tell: its serial
 * begins with `SIM-`.
 */
import { parseArgs } from 'node:util'
import { numberOf, oneOf, runDevice, serialOf, unsetSerial } from './device-flags.ts'
import { baseOf, modbusMisbehaviours, serialLengthMax, serveModbus } from './modbus-device.ts'
import { powerAfter } from './power-curve.ts'
import type { Base, RegisterMap } from './sunspec-blocks.ts'
import { inverterMap, type ModelSet } from './sunspec-map.ts'
import { readTlsFlags, tlsFlags, type DeviceTlsServer } from './tls-front.ts'

const usage = `Usage: sunspec-inverter [--host 127.0.0.1] [--port 0] [--unit 1] [--serial SIM-0001]
  [--kind solar|wind] [--rated 5000] [--watts W] [--models int|float|der] [--base 40000|0|50000]
  [--tls-certificate FILE --tls-key FILE [--tls-clients FILE]]
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

type Settings = {
  readonly host: string
  readonly port: number
  readonly unit: number
  readonly kind: (typeof kinds)[number]
  readonly serial: string
  readonly rated: number
  readonly watts: number | undefined
  readonly models: ModelSet
  readonly base: Base
  readonly misbehave: (typeof misbehaviours)[number]
  readonly tls: DeviceTlsServer | undefined
}

function readFlags(): Settings {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      unit: { type: 'string', default: '1' },
      kind: { type: 'string', default: 'solar' },
      serial: { type: 'string', default: 'SIM-0001' },
      rated: { type: 'string', default: '5000' },
      watts: { type: 'string' },
      models: { type: 'string' },
      base: { type: 'string', default: '40000' },
      misbehave: { type: 'string', default: 'none' },
      ...tlsFlags,
    },
  })
  const { host, watts } = values
  const kind = oneOf('kind', values.kind, kinds)
  return {
    host,
    port: numberOf('port', values.port, 0, 65_535),
    unit: numberOf('unit', values.unit, 1, 247),
    kind,
    serial: serialOf(values.serial, serialLengthMax),
    rated: numberOf('rated', values.rated, 0, 1e9),
    watts: watts === undefined ? undefined : numberOf('watts', watts, -1e6, 1e9),
    models: oneOf('models', values.models ?? (kind === 'wind' ? 'der' : 'int'), modelSets),
    base: baseOf(values.base),
    misbehave: oneOf('misbehave', values.misbehave, misbehaviours),
    tls: readTlsFlags(values),
  }
}

/** The registers as they are `seconds` after the start. */
function mapAfter(seconds: number, settings: Settings): RegisterMap {
  const { rated, watts, misbehave } = settings
  const counterStart = misbehave === 'wrap' ? lastWattHour : undefined
  const amounts = {
    ratedWatts: misbehave === 'nonsense-amounts' ? nonsenseWatts : rated,
    ...powerAfter(seconds, rated, watts, counterStart),
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
  const { host, port, unit, kind, serial, rated, models, base, misbehave } = settings
  serveModbus({
    host,
    port,
    unit,
    misbehave,
    tls: settings.tls,
    mapAfter: (seconds) => mapAfter(seconds, settings),
    what: `inverter (${kind}) ${serial}, ${rated} W`,
    line: { kind, serial, rated, models, base },
  })
})
