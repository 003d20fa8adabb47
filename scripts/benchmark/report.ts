import type { Machine } from './machine.ts'
import { ratiosOf, spreadOf, type Spread } from './statistics.ts'
import type { Measured } from './trial.ts'

/** What `--json` prints: medians, and ours divided by each of the others. */
export type Report = {
  readonly machine: Machine
  readonly rows: readonly Row[]
}

/** One kind of work; `ours` and `peers` in its unit. */
export type Row = {
  readonly work: string
  readonly ours: number
  readonly unit: string
  readonly peers: Readonly<Record<string, number>>
  readonly ratios: Readonly<Record<string, number>>
}

const digits = 4

/** A number with as many digits as it is worth. */
function rounded(value: number): number {
  return Number(value.toPrecision(digits))
}

function mapped<T>(
  others: Measured['others'],
  map: (values: readonly number[]) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(others).map(([name, values]) => [name, map(values)]))
}

/** The rows of what was measured. */
export function rowsOf(measured: readonly Measured[]): readonly Row[] {
  return measured.map(({ work, unit, ours, others }) => ({
    work,
    ours: rounded(spreadOf(ours).median),
    unit,
    peers: mapped(others, (values) => rounded(spreadOf(values).median)),
    ratios: mapped(others, (values) => rounded(ratiosOf(ours, values).median)),
  }))
}

function shown({ low, median, high }: Spread): string {
  const text = (value: number): string => rounded(value).toLocaleString('en-GB')
  return low === high ? text(median) : `${text(median)} (${text(low)} to ${text(high)})`
}

/** A table in Markdown: a line for each kind of work and each that it is compared with. */
export function tableOf(measured: readonly Measured[]): string {
  const lines = measured.flatMap(({ work, unit, ours, others }) => {
    const own = `${shown(spreadOf(ours))} ${unit}`
    const compared = Object.entries(others)
    if (compared.length === 0) return [`| ${work} | ${own} | | | |`]
    return compared.map(([name, values], at) =>
      [
        '',
        at === 0 ? work : '',
        at === 0 ? own : '',
        name,
        shown(spreadOf(values)),
        `**${rounded(ratiosOf(ours, values).median)}** (${rounded(
          ratiosOf(ours, values).low,
        )} to ${rounded(ratiosOf(ours, values).high)})`,
        '',
      ]
        .join(' | ')
        .trim(),
    )
  })
  return [
    '| work | ours, median (least to greatest) | beside it | its figure | ours ÷ its |',
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}

/** The machine in a few lines of text. */
export function describeMachine({
  cpu,
  cores,
  memoryMegabytes,
  load,
  versions,
  rounds,
}: Machine): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${cpu}, ${cores} cores, ${memoryMegabytes} MB; load ${load.before}, then ${load.after}`,
    `${named.join(', ')}; ${rounds} rounds, turn by turn`,
  ].join('\n')
}
