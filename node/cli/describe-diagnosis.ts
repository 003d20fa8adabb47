import { counted } from '../counted.ts'
import type { Diagnosis, Finding } from '../doctor/examine.ts'
import { columns } from './text.ts'

const marks = { well: 'well', ill: 'ILL', unknown: '?' } as const

/** Checks of one cause from which on it is told once, and not beside each. */
const togetherMin = 4

function linesOf({ state, code, asks, cause, mend }: Finding): readonly string[][] {
  // Of `config.yaml` each line that is wrong is told in one of its own.
  const [first = '', ...more] = cause.split('\n')
  const head = [marks[state], code, `${asks} ${first}`]
  const rows = [head, ...more.map((line) => ['', '', line])]
  return state === 'ill' ? [...rows, ['', '', `mend: ${mend}`]] : rows
}

/** What could not be looked at for one reason, such as that no node runs: told in one line. */
function togetherIn(shown: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const unknown = shown.filter(({ state }) => state === 'unknown')
  const byCause = Map.groupBy(unknown, ({ cause }) => cause)
  return new Map([...byCause].filter(([, findings]) => findings.length >= togetherMin))
}

/** A diagnosis for people: what is ill and what is unknown; on demand what is well too. */
export function describeDiagnosis({ checks, ...counts }: Diagnosis, all: boolean): string {
  const shown = checks.filter(({ state }) => all || state !== 'well')
  const together = togetherIn(shown)
  const alone = shown.filter(({ state, cause }) => state !== 'unknown' || !together.has(cause))
  const groups = [...together].map(([cause, findings]) => [
    marks.unknown,
    counted(findings.length, 'check'),
    cause.split('\n', 1)[0] ?? '',
  ])
  const rows = [...alone.flatMap(linesOf), ...groups]
  const sum = `${counts.well} well, ${counts.ill} ill, ${counts.unknown} unknown`
  return rows.length === 0 ? sum : `${columns(rows)}\n\n${sum}`
}
