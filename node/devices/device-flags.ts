import { deviceClock, type DeviceClock } from './device-clock.ts'

/** Flags that every device simulator has, and how to read those of its own. */

const serialPrefix = 'SIM-'

/** What a device says that nobody gave a serial number: every bit of 24. */
export const unsetSerial = '16777215'

/** One of the values that a flag knows. Throws `TypeError`, as the others do. */
export function oneOf<T extends string | number>(
  name: string,
  text: string,
  known: readonly T[],
): T {
  const found = known.find((value) => String(value) === text)
  if (found === undefined) throw new TypeError(`--${name} is one of ${known.join(', ')}`)
  return found
}

/** A number within bounds. */
export function numberOf(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= least && value <= most)) {
    throw new TypeError(`--${name} is a number from ${least} to ${most}`)
  }
  return value
}

/** A serial number of at most so many characters; one without the mark of a simulator gets it. */
function serialOf(text: string, lengthMax: number): string {
  const serial = text.startsWith(serialPrefix) ? text : `${serialPrefix}${text}`
  if (!/^[ -~]+$/.test(serial) || serial.length > lengthMax) {
    throw new TypeError(`--serial is up to ${lengthMax} printable ASCII characters`)
  }
  return serial
}

/** The same where there need be none. */
export function optionalNumberOf(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  return text === undefined ? undefined : numberOf(name, text, least, most)
}

/** Flags of every simulator. */
export const deviceFlags = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  serial: { type: 'string', default: 'SIM-0001' },
  misbehave: { type: 'string', default: 'none' },
  // How far its clock is ahead of the machine's, and since when it is in service, ms since 1970.
  'ahead-seconds': { type: 'string', default: '0' },
  since: { type: 'string' },
  // Ends it with its standard input, which whoever started it holds.
  attached: { type: 'boolean', default: false },
} as const

/** Values of those flags, as they were given. */
type DeviceValues = { readonly since?: string | undefined; readonly attached: boolean } & {
  readonly [Name in Exclude<keyof typeof deviceFlags, 'since' | 'attached'>]: string
}

const secondsMax = 1e10
const sinceMax = 8.64e15

/** What they come to. */
export type DeviceSettings<Misbehaviour extends string> = {
  readonly host: string
  readonly port: number
  readonly serial: string
  readonly misbehave: Misbehaviour
  readonly clock: DeviceClock
}

/** Reads them. */
export function readDeviceFlags<Misbehaviour extends string>(
  values: DeviceValues,
  misbehaviours: readonly Misbehaviour[],
  serialLengthMax: number,
): DeviceSettings<Misbehaviour> {
  // As a signal would: whoever reads from it then reads to the end.
  if (values.attached) process.stdin.resume().once('end', () => process.kill(process.pid))
  const ahead = numberOf('ahead-seconds', values['ahead-seconds'], 0, secondsMax)
  return {
    clock: deviceClock(ahead, optionalNumberOf('since', values.since, 0, sinceMax)),
    host: values.host,
    port: numberOf('port', values.port, 0, 65_535),
    serial: serialOf(values.serial, serialLengthMax),
    misbehave: oneOf('misbehave', values.misbehave, misbehaviours),
  }
}

/** Ends the program with a message. */
export function fail(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

/** Runs a simulator; what is wrong with its flags ends it with its usage. */
export function runDevice(usage: string, run: () => void | Promise<void>): void {
  Promise.resolve()
    .then(run)
    .catch((error: unknown) => {
      fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 2)
    })
}

/**
 * Tells that a simulator listens: people on stderr, programs by a line of JSON on stdout. It ends
 * on SIGINT and SIGTERM.
 */
export function announce(
  what: string,
  line: Readonly<Record<string, unknown>>,
  close: (closed: () => void) => void,
): void {
  process.stderr.write(`This is a simulator: ${what}.\n`)
  process.stdout.write(`${JSON.stringify({ ...line, simulated: true })}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => close(() => process.exit(0)))
  }
}
