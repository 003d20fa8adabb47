import { sankey, sankeyLinkHorizontal, type SankeyGraph } from 'd3-sankey'
import type { VNode } from 'preact'
import { amount } from './words.ts'

/** A node of the chart: what it is called, and which column it stands in. */
export type Place = { readonly id: string; readonly label: string; readonly column: 0 | 1 | 2 }

/** An amount that goes from one place to another. */
export type Flow = { readonly source: string; readonly target: string; readonly value: number }

const widthUnits = 900
const rowUnits = 46
const edgeUnits = 12

function laidOut(places: readonly Place[], flows: readonly Flow[]): SankeyGraph<Place, Flow> {
  const counts = [0, 1, 2].map((column) => places.filter((one) => one.column === column).length)
  const height = Math.max(2, ...counts) * rowUnits
  return sankey<Place, Flow>()
    .nodeId(({ id }) => id)
    .nodeAlign(({ column }) => column)
    .nodeWidth(10)
    .nodePadding(24)
    .extent([
      [0, edgeUnits],
      [widthUnits, height + edgeUnits],
    ])({ nodes: places.map((one) => ({ ...one })), links: flows.map((one) => ({ ...one })) })
}

/** Amounts on their way through three columns; the sentence says what they show. */
export function Sankey(given: {
  readonly places: readonly Place[]
  readonly flows: readonly Flow[]
  readonly unit: string
  readonly sentence: string
}): VNode {
  const { places, flows, unit, sentence } = given
  const { nodes, links } = laidOut(places, flows)
  const path = sankeyLinkHorizontal<Place, Flow>()
  const height = Math.max(...nodes.map(({ y1 = 0 }) => y1)) + edgeUnits * 2
  return (
    <figure class="chart">
      <div class="wide" tabIndex={0} role="region" aria-label="The chart, moved sideways">
        <svg
          viewBox={`0 0 ${widthUnits} ${height}`}
          role="img"
          aria-label={sentence}
          class="sankey"
        >
          {links.map((link, i) => (
            <path
              key={i}
              class="flow"
              d={path(link) ?? ''}
              stroke-width={Math.max(1, link.width ?? 1)}
            />
          ))}
          {nodes.map(({ id, label, column, value = 0, x0 = 0, x1 = 0, y0 = 0, y1 = 0 }) => (
            <g key={id} class={`place column-${column}`}>
              <rect x={x0} y={y0} width={x1 - x0} height={Math.max(2, y1 - y0)} />
              <text
                x={column === 2 ? x0 - 8 : x1 + 8}
                y={(y0 + y1) / 2}
                text-anchor={column === 2 ? 'end' : 'start'}
              >
                <tspan class="name">{label}</tspan> <tspan>{amount(value, unit)}</tspan>
              </text>
            </g>
          ))}
        </svg>
      </div>
      <figcaption>{sentence}</figcaption>
    </figure>
  )
}
