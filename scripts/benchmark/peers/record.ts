const encoder = new TextEncoder()

/** The content of a record as peers store it: that of our observation, as JSON. */
export function recordNumbered(number: number): Uint8Array {
  return encoder.encode(JSON.stringify(contentNumbered(number)))
}

/** The same as a value. */
export function contentNumbered(
  number: number,
): Readonly<Record<string, string | number | boolean>> {
  return {
    kind: 'trust.observe',
    subject: String(number % 16).padStart(64, '0'),
    success: number % 7 !== 0,
    count: 1,
    note: `delivery ${number}`,
  }
}
