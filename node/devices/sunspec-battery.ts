/**
 * A simulated battery: a program of its own that serves SunSpec over Modbus TCP. Its charge falls
 * as it gives power and rises as it takes some. Its serial begins with `SIM-`.
 */
import { parseArgs } from 'node:util'
import {
  deviceFlags,
  numberOf,
  oneOf,
  readDeviceFlags,
  runDevice,
  unsetSerial,
  type DeviceSettings,
} from './device-flags.ts'
import { baseOf, modbusMisbehaviours, serialLengthMax, serveModbus } from './modbus-device.ts'
import type { Base, RegisterMap } from './sunspec-blocks.ts'
import { batteryMap, type Battery, type StorageModels } from './sunspec-storage.ts'

const usage = `Usage: sunspec-battery [--host 127.0.0.1] [--port 0] [--unit 1] [--serial SIM-0001]
  [--rate 3000] [--energy 10000] [--charge 80] [--watts 500] [--models der|base]
  [--base 40000|0|50000]
  [--ahead-seconds 0] [--since MS] [--attached]
  [--misbehave none|stall|slow|close|night|refuse-marker|nonsense-lengths|no-end|not-implemented|
               no-available|overcharged|more-than-full|in-fault|nonsense-amounts|no-serial]`

const misbehaviours = [
  ...modbusMisbehaviours,
  'not-implemented',
  'no-available',
  'overcharged',
  'more-than-full',
  'in-fault',
  'nonsense-amounts',
  'no-serial',
] as const
const modelSets = ['der', 'base'] as const satisfies readonly StorageModels[]

/** More than any battery gives, in W. */
const nonsenseWatts = 4e9
const overchargedPercent = 130
/** The state "in error" of model 713 and "fault" of model 802. */
const faultStates: Readonly<Record<StorageModels, number>> = { der: 3, base: 99 }

type Misbehaviour = (typeof misbehaviours)[number]

type Settings = DeviceSettings<Misbehaviour> & {
  readonly unit: number
  readonly rate: number
  readonly energy: number
  readonly charge: number
  readonly watts: number
  readonly models: StorageModels
  readonly base: Base
}

function readFlags(): Settings {
  const { values } = parseArgs({
    options: {
      ...deviceFlags,
      unit: { type: 'string', default: '1' },
      rate: { type: 'string', default: '3000' },
      energy: { type: 'string', default: '10000' },
      charge: { type: 'string', default: '80' },
      watts: { type: 'string', default: '500' },
      models: { type: 'string', default: 'der' },
      base: { type: 'string', default: '40000' },
    },
  })
  return {
    ...readDeviceFlags(values, misbehaviours, serialLengthMax),
    unit: numberOf('unit', values.unit, 1, 247),
    rate: numberOf('rate', values.rate, 0, 1e9),
    energy: numberOf('energy', values.energy, 0, 1e9),
    charge: numberOf('charge', values.charge, 0, 100),
    watts: numberOf('watts', values.watts, -1e6, 1e6),
    models: oneOf('models', values.models, modelSets),
    base: baseOf(values.base),
  }
}

type Charge = Pick<Battery, 'availableWattHours' | 'chargePercent' | 'energyWattHours'>

/** What it holds some seconds after the start, between nothing and all it can. */
function chargeAfter(seconds: number, { energy, charge, watts, misbehave }: Settings): Charge {
  const full = { energyWattHours: energy }
  if (misbehave === 'overcharged') return { ...full, chargePercent: overchargedPercent }
  if (misbehave === 'more-than-full') return { ...full, availableWattHours: energy * 2 }
  const held = (energy * charge) / 100 - (watts * seconds) / 3600
  const available = Math.min(energy, Math.max(0, held))
  const chargePercent = energy === 0 ? 0 : (100 * available) / energy
  if (misbehave === 'no-available') return { ...full, chargePercent }
  return { ...full, chargePercent, availableWattHours: available }
}

/** The registers as they are `seconds` after the start. */
function mapAfter(seconds: number, settings: Settings): RegisterMap {
  const { rate, watts, models, misbehave } = settings
  const amounts = {
    ratedWatts: rate,
    dischargeWatts: misbehave === 'nonsense-amounts' ? nonsenseWatts : rate,
    watts,
    ...chargeAfter(seconds, settings),
  }
  return batteryMap({
    models,
    base: settings.base,
    manufacturer: 'Simulated Storage',
    model: `Sim ${models}`,
    options: 'simulated',
    version: '1.0.0',
    serial: misbehave === 'no-serial' ? unsetSerial : settings.serial,
    ...(misbehave === 'in-fault' ? { state: faultStates[models] } : {}),
    ...(misbehave === 'not-implemented' ? {} : amounts),
  })
}

runDevice(usage, () => {
  const settings = readFlags()
  const { host, port, unit, serial, rate, energy, models, base, misbehave, clock } = settings
  serveModbus({
    host,
    port,
    unit,
    misbehave,
    clock,
    mapAfter: (seconds) => mapAfter(seconds, settings),
    what: `battery ${serial}, ${rate} W, ${energy} Wh`,
    line: { serial, rate, energy, models, base },
  })
})
