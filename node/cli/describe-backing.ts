import type { Backing } from '../client/index.ts'
import type { VerifiedBacking } from '../backing/verify.ts'
import { columns, short, toRight, unit, type Column } from './text.ts'

const part = (
  title: string,
  header: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] => (rows.length === 0 ? [] : [`\n${title}`, columns(rows, header)])

/** What those say who count, each with how it looked. */
function describeWitnesses(witnesses: Backing['batches'][number]['witnesses']): string {
  return witnesses
    .map(({ verdict, path }) => `${verdict ? 'yes' : 'NO'}${path === null ? '' : ` (${path})`}`)
    .join(', ')
}

function batchRows({ batches }: Backing): readonly (readonly string[])[] {
  return batches.map((batch) => [
    short(batch.id),
    unit(batch.amount, 'ATP'),
    batch.source + (batch.simulated ? ' (simulated)' : ''),
    String(batch.assurance),
    describeWitnesses(batch.witnesses),
    batch.expiresAt,
    batch.proven ? 'yes' : 'no',
  ])
}

function sourceRows({ sources }: Backing): readonly (readonly string[])[] {
  return sources.map(({ source, society, capacity, occupied, assurance, state, proven }) => [
    source,
    short(society),
    unit(capacity, 'W'),
    unit(occupied, 'W'),
    String(assurance),
    state,
    unit(proven, 'ATP'),
  ])
}

/** An answer about backing for people. */
export function describeBacking(view: Backing): string {
  const problems = view.problems.map(({ code, message, record, amount }) => [
    code,
    unit(amount, 'ATP'),
    record === null ? '' : short(record),
    message,
  ])
  const batchHeader = [
    'BATCH',
    toRight('AMOUNT'),
    'SOURCE',
    toRight('LEVEL'),
    'WITNESSES',
    'EXPIRES AT',
    'PROVEN',
  ]
  const sourceHeader = [
    'SOURCE',
    'OF',
    toRight('CAPACITY'),
    toRight('OCCUPIED'),
    toRight('LEVEL'),
    'STATE',
    toRight('PROVEN'),
  ]
  return [
    `${view.verdict}: ${view.proven} of ${unit(view.claimed, 'ATP')} proven`,
    ...part('held, in the order it is spent', batchHeader, batchRows(view)),
    ...part('charged on', sourceHeader, sourceRows(view)),
    ...part('problems', ['CODE', toRight('AMOUNT'), 'RECORD', 'WHAT'], problems),
  ].join('\n')
}

const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** A duration in its two largest units. */
function durationOf(ms: number): string {
  const first = units.findIndex(([, size]) => ms >= size)
  if (first < 0) return 'less than a second'
  let rest = ms
  const words = units.slice(first, first + 2).map(([name, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? '' : `${count} ${name}`
  })
  return words.join(' ').trim()
}

/** An answer that was found again from a file, for people. */
export function describeVerified(verified: VerifiedBacking): string {
  const { society, federation, claimed, file } = verified
  const { asOf, ageMs, heard, aliveNow, digest, membersFrom, unknowable } = file
  const facts = columns([
    ['intact', `sha256 ${digest}`],
    ['society', society],
    ['federation', federation + (file.testFederation ? ' (a test federation)' : '')],
    ['as of', `${asOf}, ${durationOf(ageMs)} ago`],
    ['alive now', `${aliveNow} of ${unit(claimed, 'ATP')}`],
    ['members by', membersFrom],
  ])
  const voices = heard.map(({ name, society: id, until }) => [name, id, until])
  return [
    describeBacking(verified),
    `\n${facts}`,
    ...part('on the word of', ['NAME', 'ID', 'HEARD UNTIL'], voices),
    '\nwhat no file can tell:',
    ...unknowable.map((what) => `- ${what}`),
  ].join('\n')
}
