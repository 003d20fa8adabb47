// Controls, and marks that turn the direction of writing: names come from other societies, and a
// terminal would obey them.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** One line of text that a terminal shows as it is. */
export const printable = (text: string): string => text.replaceAll(unprintable, '\uFFFD')

/** The title of a column, whose cells stand to the left unless it says otherwise. */
export type Column = string | { readonly toRight: string }

/** A column whose cells stand to the right, as numbers do. */
export const toRight = (title: string): Column => ({ toRight: title })

const titleOf = (column: Column): string => (typeof column === 'string' ? column : column.toRight)

/**
 * Rows as aligned columns, two spaces between. Where a column stands its header says, never what is
 * in it: an id may be all digits.
 */
export function columns(
  rows: readonly (readonly string[])[],
  header: readonly Column[] = [],
): string {
  const titles = header.length === 0 ? [] : [header.map(titleOf)]
  const cells = [...titles, ...rows].map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  const placed = (cell: string, i: number): string =>
    typeof header[i] === 'object' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)
  const line = (row: readonly string[]): string => row.map(placed).join('  ').trimEnd()
  return cells.map(line).join('\n')
}

/** The same with a sentence in its place where there are no rows. */
export function table(
  header: readonly Column[],
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
