import { fault, type Fault } from '../codes.ts'
import { sourceIdLengthMax } from '../limits.ts'

/** The kinds of energy source, first part of every source id. */
export const sourceTypes = ['solar', 'compute', 'grid', 'human', 'battery', 'wind'] as const

/** A kind of energy source. */
export type SourceType = (typeof sourceTypes)[number]

/** A source id taken apart. */
export type SourceIdParts = {
  readonly type: SourceType
  /** How the device is named: `sunspec`, `nvml`, ...; `test` exists in scenarios only. */
  readonly scheme: string
  /** What names the device within its scheme, in canonical spelling. */
  readonly value: string
}

/** Schemes are names of ours, not of devices: a letter, then letters and digits. */
const schemePattern = /^[a-z][a-z0-9]*$/

/** What firmware says when nobody gave it a serial number, in canonical spelling. */
const placeholders: ReadonlySet<string> = new Set(
  [
    'n-a na n.a n.a. none nil null nan empty unknown undefined unset invalid default',
    'default-string to-be-filled-by-o.e.m to-be-filled-by-o.e.m. to-be-filled-by-oem o.e.m. oem',
    'not-applicable not-available not-present not-set not-specified not-supported',
    'no-serial no-serial-number',
    'sn s-n serial serial-no serial-number serialnumber system-serial-number xxxx xxxxxxxx',
    'chassis-serial-number base-board-serial-number',
    '123456 12345678 123456789 0123456789 1234567890',
    // All bits set in 16, 24, 32 and 64 bits, and those of a sign or all but it, in decimal.
    '65535 16777215 4294967295 18446744073709551615 32768 2147483647 2147483648',
  ].flatMap((line) => line.split(' ')),
)

/** `0`, `1111`: one digit, once or again and again. */
const oneDigit = /^([0-9])\1*$/
/** `0x0000`, `00-00-00`, `ffff.ffff`, `0xffffff`: no bit or every bit set, however written. */
const unsetBits = /^(?:0x)?(?:[0._-]+|(?:[._-]*f){4,}[._-]*)$/

const lowerCase = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) + 32)

/**
 * One spelling of what a device calls itself: lower case, each run of characters outside
 * `[a-z0-9._-]` or of `-` one `-`, none at either end. Only ASCII letters change their case, so
 * that the answer does not hang on an engine's Unicode tables.
 */
function canonicalValue(text: string): string {
  const ascii = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/-{2,}/g, '-')
  return ascii.replace(/^-|-$/g, '').replace(/[A-Z]/g, lowerCase)
}

function namesNothing(value: string): boolean {
  return value === '' || placeholders.has(value) || oneDigit.test(value) || unsetBits.test(value)
}

/**
 * The id `type:scheme:value` of a source in its one spelling, `sourceIdLengthMax` characters at
 * most. `value` is a serial number as the device tells it; where a scheme joins several parts, give
 * each part on its own first, for a maker's name in front hides a serial number that is none. Gives
 * `invalid-source` where the serial number is a placeholder.
 */
export function canonicalSourceId(type: SourceType, scheme: string, value: string): string | Fault {
  if (!schemePattern.test(scheme)) {
    return fault('invalid-source', 'The scheme of a source id is lower-case letters and digits.')
  }
  const canonical = canonicalValue(value)
  if (namesNothing(canonical)) {
    return fault('invalid-source', `"${value.slice(0, 64)}" is a placeholder, no serial number.`)
  }
  const id = `${type}:${scheme}:${canonical}`
  if (id.length > sourceIdLengthMax) {
    return fault('invalid-source', `A source id has at most ${sourceIdLengthMax} characters.`)
  }
  return id
}

function isSourceType(text: string): text is SourceType {
  return sourceTypes.some((known) => known === text)
}

/** Takes a canonical source id apart; any other spelling or a placeholder is `invalid-source`. */
export function parseSourceId(text: string): SourceIdParts | Fault {
  if (text.length > sourceIdLengthMax) {
    return fault('invalid-source', `A source id has at most ${sourceIdLengthMax} characters.`)
  }
  const [type = '', scheme = '', value, ...rest] = text.split(':')
  if (value === undefined || rest.length > 0) {
    return fault('invalid-source', 'A source id has the form type:scheme:value.')
  }
  if (!isSourceType(type)) {
    return fault('invalid-source', `The type of a source is one of ${sourceTypes.join(', ')}.`)
  }
  const canonical = canonicalSourceId(type, scheme, value)
  if (typeof canonical !== 'string') return canonical
  if (canonical !== text) {
    return fault('invalid-source', `The canonical spelling of this source is ${canonical}.`)
  }
  return { type, scheme, value }
}
