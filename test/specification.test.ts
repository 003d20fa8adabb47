import { describe, expect, it } from 'vitest'
import { codes } from '../protocol/codes.ts'
import {
  emptyPool,
  emptyTrust,
  policyRules,
  recordKinds,
  type SocietyKey,
} from '../protocol/index.ts'
import { factorSchemas } from '../protocol/kinds/energy-prove.ts'
import { liftsLimits, policyNames } from '../protocol/policy.ts'
import * as limits from '../protocol/limits.ts'
import * as weights from '../protocol/trust/weights.ts'
import {
  codesIn,
  constantsIn,
  fieldsOf,
  filesIn,
  partOf,
  rowsUnder,
  sourcesBelow,
} from './support/specification.ts'

const door = partOf('README.md')
const records = partOf('README-records.md')

/** Limits of the protocol that are told together, by name. */
function allLimits(): ReadonlyMap<string, number> {
  const files = ['frames.ts', 'claims/assurance.ts', 'claims/claim.ts']
  const others = files.flatMap((path) => [...constantsIn(path)])
  return new Map([...Object.entries(limits), ...others])
}

/** A text with the names of limits replaced by their numbers. */
function inNumbers(text: string): string {
  const known = allLimits()
  return text.replaceAll(/\b[a-z][A-Za-z]+(?:Max|Min|Level)\b|\bsignedHeadBytes\b/g, (name) =>
    String(known.get(name) ?? name),
  )
}

const asTold = (rows: readonly (readonly string[])[]): readonly (readonly [string, number])[] =>
  rows.map(([name = '', value]) => [name, Number(value)] as const)

describe('the specification tells', () => {
  it('every limit with its value', () => {
    const told = asTold(rowsUnder(door, 'Constant'))
    expect(new Map(told)).toEqual(allLimits())
    expect(told).toHaveLength(allLimits().size)
  })

  it('every constant of trust with its value', () => {
    const told = asTold(rowsUnder(partOf('README-trust.md'), 'Constant'))
    expect(Object.fromEntries(told)).toEqual({ ...weights, termTenths: undefined })
  })

  it('every constant of the detectors, and the critical values', () => {
    const text = partOf('README-detectors.md')
    const told = rowsUnder(text, 'Of').map(([, name, value]) => `${name} ${value}`)
    const built = filesIn('detectors').flatMap((file) =>
      [...constantsIn(`detectors/${file}`)].map(([name, value]) => `${name} ${value}`),
    )
    expect(told.toSorted()).toEqual(built.filter((each) => !each.startsWith('dayMs')).toSorted())
    const [, ...values] = rowsUnder(text, 'Degrees')[0] ?? []
    const source = partOf('detectors/chi-squared.ts')
    const table = /criticalAt1Percent[^=]*= \[([^\]]*)\]/.exec(source)?.[1] ?? ''
    const thousandths = table.match(/[\d_]+(?=n)/g) ?? []
    expect(values.map((value) => Number(value.replace('.', '')))).toEqual(
      thousandths.map((value) => Number(value.replace('_', ''))),
    )
    expect(values).toHaveLength(12)
  })

  it('every kind of record with its wire fields in their order', () => {
    const told = new Map(
      rowsUnder(inNumbers(records), 'Rule, kind').map(([kind = '', fields]) => [
        kind.split(' ').at(-1),
        fields,
      ]),
    )
    const built = [...recordKinds].map(([kind, { schema }]) => [kind, fieldsOf(schema)] as const)
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(built))
  })

  it('the factors of every type of source', () => {
    const rows = rowsUnder(inNumbers(records), 'Type').filter(
      ([type = '']) => type in factorSchemas,
    )
    const told = rows.map(([type, fields]) => [type, fields])
    const built = Object.entries(factorSchemas).map(([type, schema]) => [type, fieldsOf(schema)])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(built))
  })

  it('every value of a policy with its limits', () => {
    const rows = rowsUnder(records, 'Name')
    const built = policyNames.map((name) => {
      const { default: usual, minimum, maximum } = policyRules[name]
      const lifts = minimum === 0 && liftsLimits({ [name]: 0 })
      return [name, String(usual), `${minimum}..${maximum}`, lifts]
    })
    const told = rows.map(([name, , usual, bounds, zero]) => [name, usual, bounds, zero === 'yes'])
    expect(told).toEqual(built)
  })

  it('every code with what it does to a record', () => {
    const told = rowsUnder(door, 'Code').map(([code = '', effect]) => [code, effect])
    const built = Object.entries(codes).map(([code, [effect]]) => [code, effect])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(built))
  })

  it('of each code what the program does with it', () => {
    const judging = ['kinds', 'ledger', 'energy'].flatMap((name) =>
      sourcesBelow(`protocol/${name}`),
    )
    const voids = codesIn([...judging, 'protocol/amounts.ts'], /(?:fault\(|Type\(|code: |,)\s*/)
    const others = [...sourcesBelow('src'), ...sourcesBelow('node'), 'protocol/change/admit.ts']
    // Of a sponsor's vouches the node knows more than its chain tells, and asks the same rule.
    const byRule = ['insufficient-capacity']
    const refuses = new Set([
      ...byRule,
      ...codesIn(others, /(?:fault|refuse|Failure|ignore|reject)\(\s*/),
    ])
    const built = Object.entries(codes).filter(([, [effect]]) => effect !== 'node')
    const done = built.map(([code]) => {
      const both = voids.has(code) && refuses.has(code)
      return [code, both ? 'both' : voids.has(code) ? 'void' : refuses.has(code) ? 'refusal' : '']
    })
    expect(Object.fromEntries(done)).toEqual(
      Object.fromEntries(built.map(([code, [effect]]) => [code, effect])),
    )
  })

  it('every part of a state', () => {
    const society = 'a'.repeat(64) as SocietyKey
    const text = partOf('README-ledger.md')
    const namesUnder = (heading: string): readonly string[] =>
      rowsUnder(text, heading).flatMap(([names = '']) => names.replaceAll('?', '').split(', '))
    const both = namesUnder('Both kinds')
    const trust = Object.keys(emptyTrust(society))
    const pool = Object.keys(emptyPool(society))
    expect([...both, ...namesUnder('Trust')].toSorted()).toEqual(trust.toSorted())
    expect([...both, ...namesUnder('Pool')].toSorted()).toEqual(pool.toSorted())
  })
})
