/**
 * Asserts that a text may be a key of a `Store`: printable ASCII, at least one character, so that
 * byte order and JavaScript's text order agree. Anything else is a bug of the caller: TypeError.
 */
export function assertStoreKey(key: string): void {
  if (!/^[ -~]+$/.test(key)) {
    throw new TypeError(`a store key is printable ASCII text, not ${JSON.stringify(key)}`)
  }
}
