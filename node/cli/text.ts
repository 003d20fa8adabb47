/** Rows as aligned columns, two spaces between; a row's cells are text. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** An id shortened to what people compare. */
export function short(id: string): string {
  return id.startsWith('did:key:') ? id.slice(8, 20) : id.slice(0, 12)
}

/** A number with its unit. */
export function unit(amount: number, name: string): string {
  return `${amount} ${name}`
}
