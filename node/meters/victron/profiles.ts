import type { SourceType } from '../../../protocol/index.ts'
import { Failure } from '../../../src/index.ts'
import { amountMax } from './limits.ts'
import { numberAt, type VictronDevice } from './values.ts'

/** What a device of a service can prove. Source: the list of D-Bus paths of Venus OS. */
type Service = {
  readonly name: string
  /** Paths that are read besides who it is. */
  readonly paths: readonly string[]
  /** Fields of a proof, and all that was read. Throws `source-nonsense`. */
  readonly read: (device: VictronDevice) => {
    readonly fields: Readonly<Record<string, number>>
    readonly reading: object
  }
}

/** One type of source over Victron's MQTT: the services that tell of it, the first one first. */
export type Profile = {
  readonly type: SourceType
  /** What it is called among people. */
  readonly what: string
  readonly services: readonly Service[]
}

const rounded = (amount: number): number => Math.round(amount * 1000) / 1000

/** An amount that must be told and be one that a device can have. */
function believable(amount: number | null, what: string): number {
  if (amount === null) {
    throw new Failure(
      'source-nonsense',
      `The device does not tell its ${what}; update its firmware, or measure it by another way.`,
    )
  }
  if (amount >= 0 && amount <= amountMax) return rounded(amount)
  throw new Failure(
    'source-nonsense',
    `The device gives its ${what} as ${amount}, which no device has; update its firmware.`,
  )
}

function rating(amount: number | null, what: string): number {
  const watts = believable(amount, what)
  if (watts > 0) return watts
  throw new Failure(
    'source-nonsense',
    `The device gives its ${what} as 0; set it up with its real rating or update its firmware.`,
  )
}

const product = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one * other

/** Power now: none where it is not told, 0 where a device draws a little at night. */
function outputOf(watts: number | null): { readonly output?: number } {
  return watts === null ? {} : { output: Math.max(0, believable(Math.max(0, watts), 'power')) }
}

function solarReading(
  ratedWatts: number,
  ratedFrom: string,
  watts: number | null,
  kWh: number | null,
) {
  return {
    fields: { rated: ratedWatts, ...outputOf(watts) },
    reading: {
      ratedWatts,
      ratedFrom,
      outputWatts: watts,
      lifetimeWattHours: kWh === null ? null : rounded(kWh * 1000),
    },
  }
}

const pvInverter: Service = {
  name: 'pvinverter',
  paths: ['Ac/MaxPower', 'Ac/Power', 'Ac/Energy/Forward'],
  read(device) {
    const rated = rating(numberAt(device, 'Ac/MaxPower'), 'rated power (Ac/MaxPower)')
    const energy = numberAt(device, 'Ac/Energy/Forward')
    return solarReading(rated, 'Ac/MaxPower', numberAt(device, 'Ac/Power'), energy)
  },
}

const solarCharger: Service = {
  name: 'solarcharger',
  paths: ['Settings/ChargeCurrentLimit', 'Dc/0/Voltage', 'Yield/Power', 'Yield/User'],
  read(device) {
    const limit = numberAt(device, 'Settings/ChargeCurrentLimit')
    const watts = product(limit, numberAt(device, 'Dc/0/Voltage'))
    const rated = rating(watts, 'rated power (ChargeCurrentLimit x Dc/0/Voltage)')
    const basis = 'ChargeCurrentLimit x Dc/0/Voltage: what it passes on at most; not its panels'
    return solarReading(
      rated,
      basis,
      numberAt(device, 'Yield/Power'),
      numberAt(device, 'Yield/User'),
    )
  },
}

const battery: Service = {
  name: 'battery',
  paths: ['Info/MaxDischargeCurrent', 'Dc/0/Voltage', 'Dc/0/Power', 'InstalledCapacity', 'Soc'],
  read(device) {
    const volts = numberAt(device, 'Dc/0/Voltage')
    const dischargeRate = rating(
      product(numberAt(device, 'Info/MaxDischargeCurrent'), volts),
      'discharge rate (Info/MaxDischargeCurrent x Dc/0/Voltage)',
    )
    const charge = numberAt(device, 'Soc')
    if (charge !== null && (charge < 0 || charge > 100)) {
      throw new Failure(
        'source-nonsense',
        `The battery says that it is charged to ${charge} %; update its firmware.`,
      )
    }
    const full = product(numberAt(device, 'InstalledCapacity'), volts)
    const what = 'stored energy (InstalledCapacity x Dc/0/Voltage x Soc)'
    const stored = believable(product(full, charge === null ? null : charge / 100), what)
    return {
      fields: { dischargeRate, stored },
      reading: {
        dischargeWatts: dischargeRate,
        storedWattHours: stored,
        chargePercent: charge,
        powerWatts: numberAt(device, 'Dc/0/Power'),
      },
    }
  },
}

/** Inverters and chargers of solar panels: `rated` and `output` in W. */
export const solarProfile: Profile = {
  type: 'solar',
  what: 'solar inverter or charger',
  services: [pvInverter, solarCharger],
}

/** Batteries with a management that tells its limits: `dischargeRate` in W and `stored` in Wh. */
export const batteryProfile: Profile = { type: 'battery', what: 'battery', services: [battery] }
