/**
 * What a simulated GX device tells of its devices. It shares nothing with the meter that reads it.
 * Source: the list of D-Bus paths of Venus OS.
 */

/** A value of a topic; null where a device does not have it. */
export type GxValue = number | string | null

/** Values by topic below the portal id, such as `pvinverter/20/Ac/Power`. */
export type GxValues = ReadonlyMap<string, GxValue>

/** What is simulated. */
export type GxSettings = {
  readonly portal: string
  /** Of all its devices, which are of different products. */
  readonly serial: string
  readonly ratedWatts: GxValue
  readonly watts: number
  readonly wattHours: number
  /** In per cent. */
  readonly charge: number
}

const volts = 52.4
const chargeAmperes = 70
const dischargeAmperes = 100
const batteryAmpereHours = 200

function device(
  place: string,
  productName: string,
  serial: string,
  values: Readonly<Record<string, GxValue>>,
): readonly (readonly [string, GxValue])[] {
  const common = {
    ProductName: productName,
    CustomName: '',
    ProductId: 41_282,
    Serial: serial,
    Connected: 1,
    'Mgmt/Connection': 'simulated',
  }
  return Object.entries({ ...common, ...values }).map(([path, value]) => [
    `${place}/${path}`,
    value,
  ])
}

/** Everything that a GX device with an inverter, a charger and a battery tells. */
export function gxValues(settings: GxSettings): GxValues {
  const { portal, serial, ratedWatts, watts, wattHours, charge } = settings
  return new Map<string, GxValue>([
    ['system/0/Serial', portal],
    ['system/0/Dc/Battery/Voltage', volts],
    ['system/0/Ac/PvOnOutput/L2/Power', null],
    ...device('pvinverter/20', 'Simulated PV inverter', serial, {
      'Ac/MaxPower': ratedWatts,
      'Ac/Power': watts,
      'Ac/L1/Power': watts,
      'Ac/L2/Power': null,
      'Ac/Energy/Forward': wattHours / 1000,
      StatusCode: 7,
    }),
    ...device('solarcharger/278', 'Simulated solar charger', serial, {
      'Settings/ChargeCurrentLimit': chargeAmperes,
      'Dc/0/Voltage': volts,
      'Yield/Power': watts / 10,
      'Yield/User': wattHours / 10_000,
    }),
    ...device('battery/512', 'Simulated battery', serial, {
      'Info/MaxDischargeCurrent': dischargeAmperes,
      InstalledCapacity: batteryAmpereHours,
      'Dc/0/Voltage': volts,
      'Dc/0/Power': -watts / 10,
      Soc: charge,
    }),
  ])
}
