/**
 * Writes the telegrams of a simulated smart meter, as a DSMR 5 or Belgian eMUCS meter would. It
 * shares nothing with the meter that reads them, so that a mistake in one shows in the other.
 */

/** What a smart meter says at one moment. A limit that is left out is not told. */
export type MeterState = {
  /** Ident behind the first `/`. */
  readonly identification: string
  /** Equipment identifier as text. */
  readonly equipment: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly phases: 1 | 3
  /** Drawn now, over all phases. */
  readonly watts: number
  /** Drawn since it was made. */
  readonly wattHours: number
  /** As the register has it, such as `016.1*kW`. */
  readonly limiter?: string
  /** As the register has it, such as `040*A`. */
  readonly fuse?: string
  /** 1 for connected. */
  readonly breaker: 0 | 1 | 2
}

const lineEnd = '\r\n'
const hourMs = 3_600_000

/** Hex digits of the bits of a byte, last first. */
function mirrored(value: number, bits: number): number {
  let mirror = 0
  for (let bit = 0; bit < bits; bit++) mirror |= ((value >> bit) & 1) << (bits - 1 - bit)
  return mirror
}

/** CRC-16/ARC by its definition: polynomial 0x8005, every byte and the result mirrored. */
function checksum(text: string): string {
  let crc = 0
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= mirrored(byte, 8) << 8
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x8005
    }
    crc &= 0xffff
  }
  return mirrored(crc, 16).toString(16).toUpperCase().padStart(4, '0')
}

/** Last Sunday of a month at 01:00 UTC, when the clocks change in Europe. */
function changeOf(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0, 1))
  return last.getTime() - last.getUTCDay() * 24 * hourMs
}

/** Local time of western Europe as `YYMMDDhhmmssS` in summer and `...W` in winter. */
export function meterTime(time: number): string {
  const year = new Date(time).getUTCFullYear()
  const isSummer = time >= changeOf(year, 2) && time < changeOf(year, 9)
  const local = new Date(time + (isSummer ? 2 : 1) * hourMs).toISOString()
  return `${local.replaceAll(/\D/g, '').slice(2, 14)}${isSummer ? 'S' : 'W'}`
}

function kilo(amount: number, digits: number, unit: string): string {
  return `${(amount / 1000).toFixed(3).padStart(digits + 4, '0')}*${unit}`
}

function phaseLines({ phases, watts }: MeterState): readonly string[] {
  const each = Math.round(watts / phases)
  return ['2', '4', '6']
    .slice(0, phases)
    .flatMap((digit) => [
      `1-0:${digit}1.7.0(${kilo(each, 2, 'kW')})`,
      `1-0:${Number(digit) + 1}2.7.0(230.0*V)`,
      `1-0:${Number(digit) + 1}1.7.0(${String(Math.round(each / 230)).padStart(3, '0')}*A)`,
    ])
}

/** A telegram with its checksum, from `/` to the end of the last line. */
export function p1Telegram(state: MeterState): string {
  const { identification, equipment, limiter, fuse } = state
  const lines = [
    `/${identification}`,
    '',
    '1-3:0.2.8(50)',
    `0-0:1.0.0(${meterTime(state.time)})`,
    `0-0:96.1.1(${Buffer.from(equipment, 'latin1').toString('hex').toUpperCase()})`,
    `1-0:1.8.1(${kilo(state.wattHours, 6, 'kWh')})`,
    `1-0:1.8.2(${kilo(0, 6, 'kWh')})`,
    `1-0:2.8.1(${kilo(0, 6, 'kWh')})`,
    `1-0:2.8.2(${kilo(0, 6, 'kWh')})`,
    '0-0:96.14.0(0002)',
    `1-0:1.7.0(${kilo(state.watts, 2, 'kW')})`,
    `1-0:2.7.0(${kilo(0, 2, 'kW')})`,
    ...phaseLines(state),
    `0-0:96.3.10(${state.breaker})`,
    ...(limiter === undefined ? [] : [`0-0:17.0.0(${limiter})`]),
    ...(fuse === undefined ? [] : [`1-0:31.4.0(${fuse})`]),
    '0-0:96.13.0()',
    '!',
  ]
  const text = lines.join(lineEnd)
  return `${text}${checksum(text)}${lineEnd}`
}
