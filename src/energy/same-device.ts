import { parseSourceId } from '../../protocol/index.ts'

/** Schemes that are one maker's own, whose other devices' interface is SunSpec's. */
const makersOwn: readonly string[] = ['fronius']

/**
 * How another interface names the device of a source, where both tell its maker and serial number:
 * `solar:fronius:29301` is `solar:sunspec:fronius-29301`; undefined where that is not known.
 */
export function otherNameOf(source: string): string | undefined {
  const parts = parseSourceId(source)
  if ('code' in parts) return undefined
  const { type, scheme, value } = parts
  if (makersOwn.includes(scheme)) return `${type}:sunspec:${scheme}-${value}`
  const maker = makersOwn.find((each) => scheme === 'sunspec' && value.startsWith(`${each}-`))
  return maker && `${type}:${maker}:${value.slice(maker.length + 1)}`
}
