/** How near `{ near: x }` must be. */
const nearness = 1e-4

/** Values by the first part of a path, such as `sage` or `trust(sage, leaf)`. */
export type Looker = (subject: string) => unknown

/** Reads a path's value: `subject.key.key`, where keys may contain dots and colons themselves. */
function follow(value: unknown, path: string): unknown {
  if (path === '') return value
  if (typeof value !== 'object' || value === null) return undefined
  const map = value as Readonly<Record<string, unknown>>
  // The longest key that fits: source ids may contain dots.
  const keys = Object.keys(map).filter((key) => path === key || path.startsWith(`${key}.`))
  const [key] = keys.sort((a, b) => b.length - a.length)
  return key === undefined ? undefined : follow(map[key], path.slice(key.length + 1))
}

/** The value that a path names; undefined where there is none. */
export function valueAt(path: string, look: Looker): unknown {
  const called = /^[a-z]+\([^)]*\)/.exec(path)
  const end = called?.[0].length ?? path.indexOf('.')
  const subject = end < 0 ? path : path.slice(0, end)
  const rest = end < 0 ? '' : path.slice(end).replace(/^\./, '')
  return follow(look(subject), rest)
}

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

function compare(actual: unknown, operator: string, wanted: unknown): boolean {
  const a = actual as number
  const b = wanted as number
  switch (operator) {
    case 'near':
      return typeof actual === 'number' && Math.abs(a - b) <= nearness
    case 'above':
      return typeof actual === 'number' && a > b
    case 'below':
      return typeof actual === 'number' && a < b
    case 'length':
      return lengthOf(actual) === wanted
    case 'includes':
      return Array.isArray(actual) && actual.some((entry) => same(entry, wanted))
    default:
      return false
  }
}

/** Entries of a list or a map, characters of a text. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined
}

/** Milliseconds since 1970 of an instant in the text of ISO 8601; undefined for anything else. */
function instantOf(value: unknown): number | undefined {
  const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/
  return typeof value === 'string' && shape.test(value) ? Date.parse(value) : undefined
}

function same(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) {
    const instant = instantOf(wanted)
    return actual === wanted || (instant !== undefined && instantOf(actual) === instant)
  }
  if (typeof actual !== 'object' || actual === null) return false
  const keys = Object.keys(wanted)
  return (
    (!Array.isArray(wanted) || keys.length === (actual as unknown[]).length) &&
    keys.every((key) =>
      same(
        (actual as Readonly<Record<string, unknown>>)[key],
        (wanted as Readonly<Record<string, unknown>>)[key],
      ),
    )
  )
}

const operators: ReadonlySet<string> = new Set(['near', 'above', 'below', 'length', 'includes'])
const known = [...operators].join(', ')

/**
 * What is wrong with a value; undefined where it is as expected. Names stand for their ids, and
 * of several operators, such as above and below, each must hold.
 */
export function mismatch(
  path: string,
  actual: unknown,
  wanted: unknown,
  nameToId: (name: string) => string | undefined,
): string | undefined {
  if (actual === undefined) return `${path} does not exist`
  const stand = (value: unknown): unknown => {
    if (typeof value === 'string') return nameToId(value) ?? value
    if (Array.isArray(value)) return value.map(stand)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, stand(entry)]))
  }
  const entries = typeof wanted === 'object' && wanted !== null ? Object.entries(wanted) : []
  if (entries.length > 0 && entries.every(([key]) => operators.has(key))) {
    const missed = entries.filter(([operator, bound]) => !compare(actual, operator, stand(bound)))
    const bounds = missed.map(([operator, bound]) => `${operator} ${show(bound)}`)
    return bounds.length === 0
      ? undefined
      : `${path} is ${show(actual)}, not ${bounds.join(' and ')}`
  }
  const odd = entries.find(([key]) => !operators.has(key))
  if (odd !== undefined && (typeof actual !== 'object' || actual === null)) {
    return `${path} is ${show(actual)}; '${odd[0]}' compares nothing, as ${known} do`
  }
  // A name may be somebody's and a word of the view: `solar` is both.
  const isSame = same(actual, stand(wanted)) || same(actual, wanted)
  return isSame ? undefined : `${path} is ${show(actual)}, not ${show(wanted)}`
}
