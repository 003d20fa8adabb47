import type { Files } from '../source/files.ts'

/** Series of rule numbers: general, trust, bonds, vouches, queue, claims, detectors, two pasts. */
const series = 'RTBVQCDE'
/** Files that tell rules: the door of the specification and its parts. */
const part = /^protocol\/README(-[a-z]+)?\.md$/
/** A rule is told where its number opens an item of a list or a row of a table. */
const telling = new RegExp(`^(?:- |\\| )\\*\\*([${series}]\\d+)\\*\\*`)
const numbers = new RegExp(`\\b[${series}]\\d{1,3}\\b`, 'g')

/** The table that is made from the others and tells nothing itself. */
export const tablePath = 'protocol/README-tests.md'

/** A rule's number and where it is told. */
export type RuleTold = { readonly number: string; readonly path: string; readonly line: number }

/** Rules in the order in which the parts of the specification tell them. */
export function rulesTold(files: Files): readonly RuleTold[] {
  return [...files].flatMap(([path, text]) => {
    if (!part.test(path) || path === tablePath) return []
    return text.split('\n').flatMap((line, index) => {
      const number = telling.exec(line)?.[1]
      return number === undefined ? [] : [{ number, path, line: index + 1 }]
    })
  })
}

/** Numbers of rules that a text names, `R7 to R9` being all three. */
export function rulesNamedIn(text: string): readonly string[] {
  const named = new Set(text.match(numbers) ?? [])
  const spans = new RegExp(`\\b([${series}])(\\d{1,3}) to \\1(\\d{1,3})\\b`, 'g')
  for (const [, letter = '', first, last] of text.matchAll(spans)) {
    for (let at = Number(first); at <= Number(last); at++) named.add(`${letter}${at}`)
  }
  return [...named]
}

/** Order of rules: by series as they are listed, then by number. */
export function compareRules(a: string, b: string): number {
  const bySeries = series.indexOf(a.charAt(0)) - series.indexOf(b.charAt(0))
  return bySeries || Number(a.slice(1)) - Number(b.slice(1))
}
