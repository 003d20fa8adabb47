import type { Files } from '../../scripts/source/files.ts'
import type { Parser, Source } from '../../scripts/source/parse.ts'

/** What a check sees: every text file by its path, and the TypeScript files parsed. */
export type House = { readonly files: Files; readonly sources: readonly Source[] }

/** What a check finds: `path:line: what is wrong`, or `path: what is wrong`; none if sound. */
export type Check = (house: House) => readonly string[]

/** Parses the TypeScript among the files. */
export const houseOf = (files: Files, parser: Parser): House => ({
  files,
  sources: parser.parse(files),
})

/** The words of a text, for lists that would take a line for each. */
export const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** The first folder of a path: its ring, or `''` for a file at the root. */
export const ringOf = (path: string): string =>
  path.includes('/') ? path.slice(0, path.indexOf('/')) : ''

/** Files that people write line by line, so without data, lockfiles and running text. */
export const codeFiles = (files: Files): readonly (readonly [path: string, text: string])[] =>
  [...files].filter(([path]) => /\.(tsx?|js|mjs|css|html|sh)$/.test(path) || ringOf(path) === '.ci')
