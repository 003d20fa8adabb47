import type { VNode } from 'preact'
import type { BackingView } from '../../src/index.ts'
import type { ShortSociety } from './answers.ts'
import { useResource, useResources } from './resource.ts'
import { Sankey, type Flow, type Place } from './sankey.tsx'
import { useNames, type Naming } from './society-names.ts'
import { Table } from './table.tsx'
import { amount, sourceName } from './words.ts'

/** Societies whose backing is asked for at a time: the neighbourhood, not the world. */
const societiesMax = 24

/** An amount of ATP: the source that it was charged on, who charged it, and who holds it. */
type Held = {
  readonly source: string
  readonly charger: string
  readonly holder: string
  readonly amount: number
}

function heldOf(views: readonly BackingView[], self: string): readonly Held[] {
  const sums = new Map<string, Held>()
  for (const { society: holder, batches } of views) {
    for (const { source, charger, amount: atp } of batches) {
      if (holder !== self && charger !== self) continue
      const key = `${source} ${charger} ${holder}`
      const before = sums.get(key)?.amount ?? 0
      sums.set(key, { source, charger, holder, amount: before + atp })
    }
  }
  return [...sums.values()]
}

function chartOf(held: readonly Held[], name: Naming): readonly [Place[], Flow[]] {
  const places = new Map<string, Place>()
  const flows = new Map<string, Flow>()
  const add = (source: string, target: string, value: number): void => {
    const key = `${source} ${target}`
    flows.set(key, { source, target, value: value + (flows.get(key)?.value ?? 0) })
  }
  for (const { source, charger, holder, amount: atp } of held) {
    places.set(`s ${source}`, { id: `s ${source}`, label: sourceName(source), column: 0 })
    places.set(`c ${charger}`, { id: `c ${charger}`, label: name(charger), column: 1 })
    places.set(`h ${holder}`, { id: `h ${holder}`, label: name(holder), column: 2 })
    add(`s ${source}`, `c ${charger}`, atp)
    add(`c ${charger}`, `h ${holder}`, atp)
  }
  return [[...places.values()], [...flows.values()]]
}

/** From which source the ATP of this society and its partners came, and where it is now. */
export function EnergyFlow({ self }: { readonly self: string }): VNode {
  const name = useNames()
  const { value: societies } = useResource<readonly ShortSociety[]>('/v1/societies')
  const paths = (societies ?? [])
    .slice(0, societiesMax)
    .map(({ id }) => `/v1/societies/${encodeURIComponent(id)}/backing`)
  const backings = useResources<BackingView>(paths)
  const views = backings.flatMap(({ value }) => (value === undefined ? [] : [value]))
  const held = heldOf(views, self)
  if (held.length === 0) {
    return <p class="empty">No ATP is held. What is charged, lent or bought appears here.</p>
  }
  const [places, flows] = chartOf(held, name)
  const elsewhere = held.filter(({ holder }) => holder !== self)
  const sentence =
    `${amount(sum(held), 'ATP')} exist of this society’s sources or in its hands; ` +
    `${amount(sum(elsewhere), 'ATP')} of it are held by others.`
  const rows = held.map(({ source, charger, holder, amount: atp }) => [
    sourceName(source),
    name(charger),
    name(holder),
    amount(atp, 'ATP'),
  ])
  return (
    <>
      <Sankey places={places} flows={flows} unit="ATP" sentence={sentence} />
      <details class="as-table">
        <summary>The same as a table</summary>
        <Table
          caption="ATP by source, charger and holder"
          columns={['Source', 'Charged by', 'Held by', { head: 'Amount', number: true }]}
          rows={rows}
          empty=""
        />
      </details>
    </>
  )
}

const sum = (held: readonly Held[]): number => held.reduce((all, one) => all + one.amount, 0)
