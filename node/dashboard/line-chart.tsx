import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { colour, isDark } from './theme.ts'
import { amount, count } from './words.ts'

/** A line of a chart: its name, the colour's name in the style sheet, its values. */
export type Line = {
  readonly label: string
  readonly colour: string
  readonly unit: string
  readonly values: readonly (number | null)[]
  /** Told apart from the others by more than its colour. */
  readonly dash?: readonly number[]
}

const heightPixels = 220

// An amount stays as it is until a record changes it.
const stepped = uPlot.paths.stepped?.({ align: 1 })

const dayMs = 86_400_000
const minuteMs = 60_000

/** Instants of the axis, as precise as their distance asks for; in seconds since 1970. */
function ticksOf(ticks: readonly number[]): string[] {
  const [first = 0, second = first] = ticks
  const stepMs = (second - first) * 1000
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(stepMs >= dayMs
      ? { day: 'numeric', month: 'short' }
      : { hour: '2-digit', minute: '2-digit' }),
    ...(stepMs < minuteMs ? { second: '2-digit' } : {}),
  })
  return ticks.map((tick) => format.format(tick * 1000))
}

function optionsOf(lines: readonly Line[], label: string, width: number): uPlot.Options {
  const axis = {
    stroke: colour('soft'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1 },
    font: '12px system-ui, sans-serif',
  }
  return {
    width,
    height: heightPixels,
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    axes: [
      { ...axis, values: (_plot, ticks) => ticksOf(ticks) },
      {
        ...axis,
        size: 60,
        label,
        labelFont: axis.font,
        values: (_plot, ticks) => ticks.map((tick) => count(tick)),
      },
    ],
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    series: [
      {
        value: (_plot, time) =>
          time === null ? '' : new Date(time * 1000).toLocaleString('en-GB'),
      },
      ...lines.map(({ label: title, unit, colour: name, dash }) => ({
        label: title,
        stroke: colour(name),
        width: 2,
        points: { show: false },
        ...(dash === undefined ? {} : { dash: [...dash] }),
        ...(stepped === undefined ? {} : { paths: stepped }),
        value: (_plot: uPlot, value: number | null) => (value === null ? '' : amount(value, unit)),
      })),
    ],
  }
}

/** Lines over time; `times` in milliseconds since 1970. The sentence says what they show. */
export function LineChart(given: {
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  /** What the numbers of the axis are. */
  readonly label: string
  readonly sentence: string
}): VNode {
  const { times, lines, label, sentence } = given
  const place = useRef<HTMLDivElement>(null)
  const isDarkNow = isDark.value
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const data: uPlot.AlignedData = [
      times.map((time) => time / 1000),
      ...lines.map(({ values }) => [...values]),
    ]
    const plot = new uPlot(optionsOf(lines, label, element.clientWidth), data, element)
    const watch = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: heightPixels })
    })
    watch.observe(element)
    return () => {
      watch.disconnect()
      plot.destroy()
    }
  }, [times, lines, label, isDarkNow])
  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={sentence} />
      <figcaption>{sentence}</figcaption>
    </figure>
  )
}
