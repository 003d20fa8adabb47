/**
 * The pages of a simulated Fronius data manager. It shares nothing with the meter that reads them.
 * Source: Fronius Solar API V1, document 42,0410,2012.
 */

/** What a simulated inverter says of itself. */
export type FroniusDevice = {
  readonly unit: number
  readonly serial: string
  readonly ratedWatts: number
  /** Left out at night. */
  readonly watts: number | undefined
  readonly wattHours: number
  /** With characters as HTML entities. */
  readonly name: string
  readonly time: string
  readonly version: number
  /** 0 for success. */
  readonly status: number
}

const base = '/solar_api/v1'

/** A text as old data managers write it: every character an entity. */
export function asEntities(text: string): string {
  return Array.from(text, (character) => `&#${character.codePointAt(0)};`).join('')
}

function headOf({ status, time }: FroniusDevice, given: Readonly<Record<string, string>>) {
  const Reason = status === 0 ? '' : 'LNRequestTimeout: the simulated inverter is away.'
  return {
    RequestArguments: given,
    Status: { Code: status, Reason, UserMessage: '' },
    Timestamp: time,
  }
}

function dataOf({ watts, wattHours }: FroniusDevice): object {
  const energy = { TOTAL_ENERGY: { Value: Math.floor(wattHours), Unit: 'Wh' } }
  const DeviceStatus = { StatusCode: watts === undefined ? 3 : 7, ErrorCode: 0 }
  return watts === undefined
    ? { ...energy, DeviceStatus }
    : { PAC: { Value: Math.round(watts), Unit: 'W' }, ...energy, DeviceStatus }
}

function infoOf(device: FroniusDevice): object {
  return {
    CustomName: device.name,
    DT: 123,
    ErrorCode: 0,
    PVPower: device.ratedWatts,
    Show: 1,
    StatusCode: device.watts === undefined ? 3 : 7,
    UniqueID: device.serial,
  }
}

const written = (value: object): string => JSON.stringify(value, undefined, '\t')

/** The page at a path with its query; undefined if there is none. */
export function pageOf(url: string, device: FroniusDevice): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const given = Object.fromEntries(searchParams)
  const Head = headOf(device, given)
  switch (pathname) {
    case '/solar_api/GetAPIVersion.cgi':
      return written({
        APIVersion: device.version,
        BaseURL: `/solar_api/v${device.version}/`,
        CompatibilityRange: '1.6-3',
      })
    case `${base}/GetInverterInfo.cgi`:
      // The one behind it is of the kind that nobody has set up.
      return written({
        Body: {
          Data: {
            [device.unit]: infoOf(device),
            [device.unit + 1]: { ...infoOf(device), UniqueID: '16777215', PVPower: 500 },
          },
        },
        Head,
      })
    case `${base}/GetInverterRealtimeData.cgi`:
      return given['DeviceId'] === String(device.unit)
        ? written({ Body: { Data: dataOf(device) }, Head })
        : undefined
    default:
      return undefined
  }
}
