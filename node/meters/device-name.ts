import { canonicalSourceId, type SourceType } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'

/** Our device simulators say so in their serial number; no maker's begins like this. */
const simulatorPrefix = 'SIM-'

/** Whether a device says with its serial number that it is a simulator. */
export function isSimulator(serial: string): boolean {
  return serial.startsWith(simulatorPrefix)
}

/** What a device calls itself, by what each text is: `{ manufacturer: 'Acme', ... }`. */
export type DeviceNames = Readonly<Record<string, string>>

function partOf(type: SourceType, scheme: string, text: string, names: DeviceNames): string {
  const id = canonicalSourceId(type, scheme, text)
  if (typeof id === 'string') return id
  const told = Object.entries(names).map(([what, name]) => `${what} "${name.slice(0, 64)}"`)
  throw new Failure(
    'invalid-source',
    `The device calls itself ${told.join(', ')}. ${id.message} ` +
      'Have its maker or installer set the real one.',
  )
}

/**
 * The id `type:scheme:name-name-...` of a source from what its device calls itself, serial number
 * last. Each name is judged on its own before they are joined; `invalid-source` where one names
 * nothing.
 */
export function sourceOfDevice(type: SourceType, scheme: string, names: DeviceNames): string {
  const texts = Object.values(names)
  for (const text of texts) partOf(type, scheme, text, names)
  return partOf(type, scheme, texts.join('-'), names)
}
