import type { Trust } from '../client/index.ts'
import { counted } from '../counted.ts'
import type { Naming } from './names.ts'
import { columns, indented, shortRecords, toRight } from './text.ts'

type Row = readonly string[]

const places = 1_000_000
const number = (value: number): string => String(Math.round(value * places) / places)

function directWords({ terms: { direct } }: Trust): string {
  const { interactions, successes, failures, lastSuccess, vouched } = direct
  if (interactions === 0) return 'nothing seen of it'
  const vouch = vouched ? ', 10 for a vouch' : ''
  const last = lastSuccess === null ? '' : `, last good ${lastSuccess.slice(0, 10)}`
  return `${successes} good, ${failures} bad${vouch}${last}`
}

function addingRows(view: Trust): readonly Row[] {
  const { direct, transitive, bond, reputation } = view.terms
  const row = (name: string, term: typeof transitive, words: string): Row => [
    name,
    number(term.value),
    number(term.weight),
    number(term.value * term.weight),
    words,
    shortRecords(term.records),
  ]
  const held = bond.state === 'none' ? 'no bond' : `a bond, ${bond.state}`
  const paths = view.paths.length === 0 ? 'no path leads there' : counted(view.paths.length, 'path')
  return [
    row('direct', direct, directWords(view)),
    row('transitive', transitive, paths),
    row('bond', bond, held),
    row('reputation', reputation, `${counted(reputation.jobs, 'job')} judged`),
  ]
}

function factorRows({ terms }: Trust, nameOf: Naming): readonly Row[] {
  const { experience, anomaly, penalties } = terms
  const row = (name: string, term: typeof anomaly, words: string): Row => [
    name,
    number(term.factor),
    words,
    shortRecords(term.records),
  ]
  const good = counted(experience.goodJobs, 'good job')
  const items = penalties.items.map(({ factor, reason, society }) => {
    return `${number(factor)} for ${reason} of ${nameOf(society)}`
  })
  return [
    row('experience', experience, experience.value === 0 ? good : `a newcomer: ${good}`),
    row(
      'anomaly',
      anomaly,
      anomaly.value === 0 ? 'no detector fired' : 'detectors fired: see flags',
    ),
    row('penalties', penalties, items.length === 0 ? 'none' : items.join(', ')),
  ]
}

function pathLines({ paths }: Trust, nameOf: Naming): readonly Row[] {
  return paths.map(({ strength, hops }) => {
    const way = hops.map(({ weight, to }) => `-${number(weight)}-> ${nameOf(to)}`)
    const records = hops.flatMap((hop) => hop.records)
    return [
      number(strength),
      [nameOf(hops[0]?.from ?? ''), ...way].join(' '),
      shortRecords([...new Set(records)]),
    ]
  })
}

/** Trust for people: each term with its weight, each factor, the paths, and the records behind. */
export function describeTrust(view: Trust, nameOf: Naming): string {
  const adding = addingRows(view)
  const sum = Object.values(view.terms).reduce(
    (total, term) => total + ('weight' in term ? term.weight * term.value : 0),
    0,
  )
  const paths = pathLines(view, nameOf)
  const termHeader = [
    'TERM',
    toRight('VALUE'),
    toRight('WEIGHT'),
    toRight('ADDS'),
    'FROM',
    'RECORDS',
  ]
  return [
    `${nameOf(view.observer)} trusts ${nameOf(view.subject)} ${number(view.trust)} at ${view.time}`,
    `\n${columns(adding, termHeader)}`,
    `\n${columns(factorRows(view, nameOf), ['FACTOR', toRight('LEAVES'), 'FROM', 'RECORDS'])}`,
    `\ntrust = ${number(Math.min(1, sum))} x ${factorsOf(view)} = ${number(view.trust)}`,
    ...(paths.length === 0
      ? []
      : [`\npaths`, indented(columns(paths, [toRight('STRENGTH'), 'PATH', 'RECORDS']))]),
  ].join('\n')
}

function factorsOf({ terms: { experience, anomaly, penalties } }: Trust): string {
  return [experience, anomaly, penalties].map(({ factor }) => number(factor)).join(' x ')
}
