import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Plain data as JSON text with one spelling: keys sorted, maps as `{"$map": [[key, value], ...]}`
 * in their own order, for that of a pool's lots is the spend order. Values are null, booleans,
 * finite numbers, text, arrays, objects and maps of text.
 */
export function canonicalJson(value: unknown): string {
  if (value instanceof Map) {
    const entries = [...(value as Map<string, unknown>)]
    const parts = entries.map(([key, entry]) => `[${canonicalJson(key)},${canonicalJson(entry)}]`)
    return `{"$map":[${parts.join(',')}]}`
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
    entries.sort(([a], [b]) => byText(a, b))
    const parts = entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`)
    return `{${parts.join(',')}}`
  }
  return JSON.stringify(value)
}

/** Reads what `canonicalJson` wrote (or JSON with maps in that form), maps in the order given. */
export function parseCanonicalJson(text: string): unknown {
  return withMaps(JSON.parse(text))
}

/** Puts maps in the place of what they are written as, from within outwards. */
function withMaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const key in value) {
    const entry = (value as Record<string, unknown>)[key]
    if (typeof entry !== 'object') continue
    const read = withMaps(entry)
    // Defined, not assigned: a key may be named as the prototype is.
    if (read !== entry) Object.defineProperty(value, key, { value: read })
  }
  const entries = (value as { $map?: [string, unknown][] }).$map
  return entries === undefined ? value : new Map(entries)
}

/** SHA-256 of a value's canonical JSON, 64 hex digits: equal states have equal digests. */
export function digestOf(value: unknown): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonicalJson(value))))
}
