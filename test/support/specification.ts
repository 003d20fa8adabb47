import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FieldType, Schema } from '../../protocol/kinds/schema.ts'

const folder = new URL('../../protocol/', import.meta.url)

/** The text of a part of the specification. */
export function partOf(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

/** Rows of every table of a text whose first column has a heading; cells without backticks. */
export function rowsUnder(text: string, heading: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let isInTable = false
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      isInTable = false
      continue
    }
    // A bar within a cell is written with a backslash.
    const cells = line.split(/(?<!\\)\|/).slice(1, -1)
    const plain = cells.map((cell) => cell.replaceAll('`', '').trim())
    if (plain[0] === heading) isInTable = true
    else if (isInTable && !/^:?-+:?$/.test(plain[0] ?? '')) rows.push(plain)
  }
  return rows
}

/** Integer constants of TypeScript files: `const name = 3 * 1_000`, others of the file in it. */
export function constantsIn(path: string): ReadonlyMap<string, number> {
  const known = new Map<string, number>([['dayMs', 86_400_000]])
  const found = new Map<string, number>()
  const text = readFileSync(new URL(path, folder), 'utf8')
  for (const [, name = '', value = ''] of text.matchAll(
    /^(?:export )?const (\w+)(?:: number)? =\s+([-\w *+()]+)$/gm,
  )) {
    const factors = value.split('*').map((part) => {
      const plain = part.trim().replaceAll('_', '')
      return /^\d+$/.test(plain) ? Number(plain) : (known.get(plain) ?? NaN)
    })
    const product = factors.reduce((a, b) => a * b, 1)
    if (Number.isNaN(product)) continue
    known.set(name, product)
    found.set(name, product)
  }
  return found
}

/** TypeScript files of a folder of the protocol. */
export function filesIn(name: string): readonly string[] {
  return readdirSync(new URL(name, folder)).filter((file) => file.endsWith('.ts'))
}

/** How the specification calls what a field must be. */
function typeName(type: FieldType<unknown>): string {
  const { expected, code, names } = type
  const length = /^(?:text of )?1 to (\d+) bytes/.exec(expected)?.[1]
  const [, from = '', to = ''] = /^an integer from (-?\d+) to (\d+)$/.exec(expected) ?? []
  if (names !== undefined) return `ref ${names.join(' or ') || 'any'}`
  if (expected.startsWith('text')) return `text ${length}`
  if (length !== undefined) return `bytes ${length}`
  if (to === String(Number.MAX_SAFE_INTEGER - 1)) return 'instant'
  if (from === '0' && to === '1000000' && code === 'malformed') return 'ratio'
  if (to !== '') return `integer ${from}..${to}`
  const short: Readonly<Record<string, string>> = {
    'a positive integer of milli-units': 'amount',
    'an integer of milli-units': 'amount0',
    'from 0 to 1 (in millionths)': 'quality',
    'true or false': 'flag',
    'a digest of 32 bytes': 'digest',
    'a signature of 64 bytes': 'signature',
    'a certificate and no byte more': 'certificate',
    'a checkpoint and no byte more': 'checkpoint',
    'a public key of 32 bytes': 'key',
  }
  return short[expected] ?? expected
}

/** Fields of a kind as the specification writes them, constants as numbers. */
export function fieldsOf(schema: Schema): string {
  const fields = Object.entries(schema).filter(([name]) => !name.startsWith('policy.'))
  const told = fields.map(([name, type]) => {
    const one = typeName(type)
    const whole = type.listMax === undefined ? one : `list ${type.listMax} of ${one}`
    return `${name}${type.optional === true ? '?' : ''}: ${whole}`
  })
  if ('policy.admission' in schema) told.push('policy.*?')
  return told.join('; ') || 'none'
}

const root = new URL('../../', import.meta.url)

/** Paths of the TypeScript files below a folder of the checkout. */
export function sourcesBelow(name: string): readonly string[] {
  const entries = readdirSync(new URL(name, root), { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Codes in quotes that follow one of some words in files: what raises them. */
export function codesIn(paths: readonly string[], raising: RegExp): ReadonlySet<string> {
  const pattern = new RegExp(`${raising.source}'([a-z]+(?:-[a-z]+)*)'`, 'g')
  const texts = paths.map((path) => readFileSync(new URL(path, root), 'utf8'))
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, code = '']) => code)))
}
