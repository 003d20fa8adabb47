/** What a value on the command line has to look like. The node judges what it means. */
export type ValueKind =
  | 'amount'
  | 'number'
  | 'count'
  | 'integer'
  | 'port'
  | 'endpoint'
  | 'url'
  | 'site'
  | 'instant'

const forms: Readonly<Record<ValueKind, readonly [pattern: RegExp, form: string]>> = {
  amount: [/^\d+(\.\d+)?$/, 'an amount such as 100 or 0.5'],
  number: [/^\d+(\.\d+)?$/, 'a number such as 24 or 0.5'],
  count: [/^\d{1,9}$/, 'a whole number'],
  integer: [/^-?\d{1,15}$/, 'a whole number'],
  port: [/^\d{1,5}$/, 'a port from 0 to 65535'],
  endpoint: [/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/, 'HOST:PORT, such as 192.0.2.7:502'],
  url: [/^https?:\/\/\S+$/, 'an address such as http://192.0.2.8'],
  site: [/^-?\d{1,2}(\.\d+)?,\s*-?\d{1,3}(\.\d+)?$/, 'LAT,LON in degrees, such as 48.2,16.4'],
  instant: [
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/,
    'a time such as 2026-06-21 or 2026-06-21T12:00:00Z',
  ],
}

/** Whether what ends in a port ends in one that there is. */
const isInRange = (kind: ValueKind, value: string): boolean =>
  (kind !== 'port' && kind !== 'endpoint') ||
  Number(value.slice(value.lastIndexOf(':') + 1)) <= portMax

const portMax = 65_535

/** What is wrong with a value of a kind, as a sentence; undefined if nothing is. */
export function faultOf(kind: ValueKind, value: string): string | undefined {
  const [pattern, form] = forms[kind]
  return pattern.test(value) && isInRange(kind, value) ? undefined : `It must be ${form}.`
}
