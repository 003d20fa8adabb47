const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

function characterOf(number: number): string | undefined {
  const isCharacter = number > 0 && number <= 0x10_ffff && !(number >= 0xd800 && number <= 0xdfff)
  return isCharacter ? String.fromCodePoint(number) : undefined
}

/** A text in which characters stand as HTML entities, read once; what is no entity stays. */
export function readEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g,
    (whole, ...found) => {
      const [decimal, hex, name] = found as (string | undefined)[]
      if (name !== undefined) return named[name] ?? whole
      const number = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return characterOf(number) ?? whole
    },
  )
}
