import type { Baseline } from './baseline.ts'
import type { RowOf } from './trial.ts'

/** Name of what runs on a tenth of the history that `ours` does. */
export const tenth = 'a tenth of the history'
/** The same on a hundredth. */
export const hundredth = 'a hundredth of the history'

/** The cost of one kind of work at 1, 10 and 100 times the history, the first being 1. */
export type Growth = { readonly work: string; readonly costs: readonly [1, number, number] }

/** The costs of all work of which a baseline has ratios to both shorter histories. */
export function growthOf(baseline: Baseline, rows: readonly RowOf[]): readonly Growth[] {
  return rows.flatMap(({ work, unit }) => {
    const toTenth = baseline[work]?.[tenth]?.median
    const toHundredth = baseline[work]?.[hundredth]?.median
    if (toTenth === undefined || toHundredth === undefined) return []
    // A rate that falls to a half is a cost that doubles.
    const costOf = (ratio: number): number => (unit.endsWith('/s') ? 1 / ratio : ratio)
    const most = costOf(toHundredth)
    return [{ work, costs: [1, most / costOf(toTenth), most] as const }]
  })
}

const width = 760
const left = 70
const top = 30
const chart = { width: 300, height: 300 }
const legend = left + chart.width + 30
const rowHeight = 20
const costMin = 0.1
const costMax = 100
/** Told apart by colour-blind readers, light and dark. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d1f']
const dashes = ['', '6 3', '2 3']

const x = (times: number): number => left + (Math.log10(times) / 2) * chart.width
const y = (cost: number): number => {
  const within = Math.min(costMax, Math.max(costMin, cost))
  const part = Math.log10(within / costMin) / Math.log10(costMax / costMin)
  return top + chart.height * (1 - part)
}

function tag(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text = '',
): string {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`)
  return `<${name}${said.join('')}>${text}</${name}>`
}

function axes(): readonly string[] {
  const [right, bottom] = [left + chart.width, top + chart.height]
  const centred = { 'text-anchor': 'middle' }
  return [
    ...[0.1, 1, 10, 100].flatMap((cost) => [
      tag('line', { x1: left, x2: right, y1: y(cost), y2: y(cost), stroke: '#8888' }),
      tag('text', { x: left - 8, y: y(cost) + 4, 'text-anchor': 'end' }, `${cost} x`),
    ]),
    ...[1, 10, 100].map((times) =>
      tag('text', { x: x(times), y: bottom + 20, ...centred }, `${times} x`),
    ),
    tag('text', { x: left + chart.width / 2, y: bottom + 40, ...centred }, 'history'),
    tag('text', { x: left, y: 16, ...centred }, 'cost'),
  ]
}

function line({ work, costs }: Growth, at: number): readonly string[] {
  const style = {
    stroke: colours[at % colours.length] ?? '',
    'stroke-width': 2,
    'stroke-dasharray': dashes[Math.floor(at / colours.length) % dashes.length] ?? '',
    fill: 'none',
  }
  const points = costs.map((cost, step) => `${x(10 ** step)},${y(cost).toFixed(1)}`).join(' ')
  const row = top + 12 + at * rowHeight
  const last = costs[2] >= 10 ? costs[2].toFixed(0) : costs[2].toFixed(2)
  return [
    tag('polyline', { points, ...style }),
    tag('line', { x1: legend, x2: legend + 24, y1: row - 4, y2: row - 4, ...style }),
    tag('text', { x: legend + 32, y: row }, `${work}: ${last} x`),
  ]
}

/** The picture: cost over history, both in powers of ten, as SVG. */
export function drawGrowth(growths: readonly Growth[]): string {
  const height = Math.max(top + chart.height + 50, top + 30 + growths.length * rowHeight)
  const parts = [
    tag('title', {}, 'Cost of each kind of work at 1, 10 and 100 times the history'),
    ...axes(),
    ...growths.flatMap(line),
  ]
  const frame = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    'font-family': 'sans-serif',
    'font-size': 12,
    fill: '#777',
  }
  return `${tag('svg', frame, `\n${parts.join('\n')}\n`)}\n`
}
