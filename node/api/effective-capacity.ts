import {
  capacityOf,
  factorNames,
  fromMilli,
  parseMilli,
  parseRatio,
  parseSourceId,
  type Factors,
} from '../../protocol/index.ts'
import { Failure, type Measurement } from '../../src/index.ts'

const ratios: ReadonlySet<string> = new Set(['degradation', 'utilisation', 'peakFactor', 'factor'])
const hourMs = 3_600_000

/** A factor in wire units; undefined for what is none, such as a model's name. */
function wireOf(name: string, value: unknown): number | undefined {
  if (name === 'hours') return Math.round(Number(value) * hourMs)
  if (ratios.has(name)) return parseRatio(value)
  const milli = parseMilli(value, name, true)
  return typeof milli === 'number' ? milli : undefined
}

/** Effective capacity in W of what a meter saw, as its proof will have it. */
export function effectiveCapacity({ source, fields }: Measurement): number {
  const parts = parseSourceId(source)
  if ('code' in parts) throw new Failure(parts.code, parts.message)
  const given = factorNames[parts.type].filter((name) => name in fields)
  const factors: Factors = Object.fromEntries(
    given.map((name) => [name, wireOf(name, fields[name])]),
  )
  return fromMilli(capacityOf(parts.type, factors))
}
