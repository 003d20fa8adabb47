import { MultiDirectedGraph } from 'graphology'
import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Sigma } from 'sigma'
import { colour, isDark } from './theme.ts'
import type { Edge } from './trust-edges.ts'
import { fraction } from './words.ts'

/** A society of the graph, and the observer's trust in it, 0 to 1. */
export type Dot = {
  readonly id: string
  readonly label: string
  readonly trust: number
}

/** What the graph shows: the observer, whom it looks at, and what its trust rests on. */
export type TrustGraphInput = {
  readonly self: string
  readonly selfName: string
  readonly others: readonly Dot[]
  readonly edges: readonly Edge[]
  readonly sentence: string
}

/** The observer in the middle, everybody else around it. */
function graphOf({ self, selfName, others, edges }: TrustGraphInput): MultiDirectedGraph {
  const graph = new MultiDirectedGraph()
  graph.addNode(self, { label: selfName, x: 0, y: 0, size: 14, color: colour('adp') })
  for (const [i, { id, label, trust }] of others.entries()) {
    const angle = (2 * Math.PI * i) / others.length + Math.PI / 7
    graph.addNode(id, {
      label: `${label} ${fraction(trust)}`,
      x: Math.cos(angle),
      y: Math.sin(angle),
      size: 7 + 12 * trust,
      color: colour('atp'),
    })
  }
  for (const { from, to, weight } of edges) {
    if (!graph.hasNode(from) || !graph.hasNode(to)) continue
    graph.addEdge(from, to, { type: 'arrow', size: 3 + 6 * weight, color: colour('flow') })
  }
  return graph
}

/** Who is trusted through whom. Where nothing can be drawn, the sentence and the table remain. */
export function TrustGraph(given: TrustGraphInput): VNode {
  const place = useRef<HTMLDivElement>(null)
  const key = JSON.stringify([given, isDark.value])
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    try {
      const drawn = new Sigma(graphOf(given), element, {
        labelColor: { color: colour('text') },
        labelFont: 'system-ui, sans-serif',
        labelSize: 13,
        labelRenderedSizeThreshold: 0,
        stagePadding: 60,
        zoomToSizeRatioFunction: (ratio) => ratio,
        allowInvalidContainer: true,
        enableCameraZooming: false,
        enableCameraPanning: false,
      })
      return () => drawn.kill()
    } catch {
      element.textContent = 'This browser draws no graphs; the table says the same.'
      return undefined
    }
  }, [key])
  return (
    <figure class="chart">
      <div ref={place} class="graph" role="img" aria-label={given.sentence} />
      <figcaption>{given.sentence}</figcaption>
    </figure>
  )
}
