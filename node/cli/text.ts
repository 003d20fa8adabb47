// Controls, and marks that turn the direction of writing: names come from other societies, and a
// terminal would obey them.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** One line of text that a terminal shows as it is. */
export const printable = (text: string): string => text.replaceAll(unprintable, '\uFFFD')

const numeric = /^-?[\d.]+(e[+-]\d+)?( \S+)?$/

/**
 * Rows as aligned columns, two spaces between. Below a header, a column that holds nothing but
 * numbers stands to the right.
 */
export function columns(
  rows: readonly (readonly string[])[],
  header: readonly string[] = [],
): string {
  const cells = [...(header.length === 0 ? [] : [header]), ...rows].map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  const toRight = widths.map(
    (_width, i) => header.length > 0 && rows.every((row) => numeric.test(row[i] ?? '')),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (toRight[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return cells.map(line).join('\n')
}

/** The same with a sentence in its place where there are no rows. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  otherwise: string,
): string {
  return rows.length === 0 ? otherwise : columns(rows, header)
}

/** Lines further in. */
export const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ')

/** An id shortened to what people compare, and to what commands take. */
export function short(id: string): string {
  return id.startsWith('did:key:') ? id.slice(8, 20) : id.slice(0, 12)
}

/** A number with its unit. */
export function unit(amount: number, name: string): string {
  return `${amount} ${name}`
}

const spans: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
]

/** A span of time in the greatest unit of which there is one, to a tenth: `6.5 h`. */
export function span(ms: number): string {
  const [length, name] = spans.find(([unitMs]) => ms >= unitMs) ?? [1_000, 's']
  return `${Math.floor((ms * 10) / length) / 10} ${name}`
}

/** Ids of records, shortened, as many as a line takes. */
export function shortRecords(ids: readonly string[]): string {
  const shown = ids.slice(0, recordsShownMax).map(short)
  const more = ids.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(' ')
}

/** Ids of records that one line of a table shows. */
const recordsShownMax = 3
