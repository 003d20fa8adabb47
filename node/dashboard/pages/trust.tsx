import type { ComponentType, VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { TrustView } from '../../../src/index.ts'
import type { ShortSociety, Status } from '../answers.ts'
import { useResource, useResources } from '../resource.ts'
import { href, route } from '../route.ts'
import { useNames, useOthers, type Naming } from '../society-names.ts'
import { Mark, Section, Table } from '../table.tsx'
import { TrustActions } from '../trust-actions.tsx'
import { edgesOf } from '../trust-edges.ts'
import type { TrustGraphInput } from '../trust-graph.tsx'
import { TrustWhy } from '../trust-why.tsx'
import { counted, fraction } from '../words.ts'

/** Societies that are looked at: a neighbourhood that can be taken in. */
const societiesMax = 40

const classes: readonly (readonly [trust: number, name: string])[] = [
  [0.9, '1, goes first'],
  [0.7, '3'],
  [0.5, '5'],
  [0.3, '7'],
  [0, '10, goes last'],
]

const classOf = (trust: number): string => classes.find(([least]) => trust >= least)?.[1] ?? ''

function Graph(given: TrustGraphInput): VNode {
  const [Drawn, setDrawn] = useState<ComponentType<TrustGraphInput> | null>(null)
  useEffect(() => {
    // It is most of the page's weight, and no other page has a graph.
    void import('../trust-graph.tsx').then(({ TrustGraph }) => setDrawn(() => TrustGraph))
  }, [])
  if (Drawn === null) return <p role="status">The graph is drawn …</p>
  return <Drawn {...given} />
}

function Scores(given: {
  readonly views: readonly TrustView[]
  readonly societies: readonly ShortSociety[]
  readonly about: string
  readonly name: Naming
}): VNode {
  const { views, societies, about, name } = given
  const standings = new Map(societies.map(({ id, standing }) => [id, standing]))
  const rows = views.map(({ subject, trust, terms }) => [
    name(subject),
    fraction(trust),
    classOf(trust),
    fraction(terms.direct.value),
    fraction(terms.transitive.value),
    fraction(terms.bond.value),
    fraction(terms.reputation.value),
    standings.get(subject) === 'equivocated' ? (
      <Mark tone="bad">signed two pasts</Mark>
    ) : (
      <Mark tone="good">good</Mark>
    ),
    <a href={href('trust', subject)} aria-current={subject === about ? 'true' : undefined}>
      Why<span class="unseen"> {name(subject)} has this score</span>
    </a>,
  ])
  return (
    <Table
      caption="How far this society trusts others"
      columns={[
        'Society',
        { head: 'Trust', number: true },
        'Class in the queue',
        { head: 'Direct', number: true },
        { head: 'Through others', number: true },
        { head: 'Bond', number: true },
        { head: 'Reputation', number: true },
        'Standing',
        '',
      ]}
      rows={rows}
      empty="No other society is known. Connect to a node of another one: see Network."
    />
  )
}

/** How far others are trusted, through whom, why, and what is staked on it. */
export function TrustPage({ status }: { readonly status: Status }): VNode {
  const name = useNames()
  const others = useOthers(status.id)
  const { value: societies = [] } = useResource<readonly ShortSociety[]>('/v1/societies')
  const subjects = societies.filter(({ self }) => !self).slice(0, societiesMax)
  const paths = subjects.map(({ id }) => `/v1/trust/${encodeURIComponent(id)}`)
  const known = useResources<TrustView>(paths)
  const views = known
    .flatMap(({ value }) => (value === undefined ? [] : [value]))
    .toSorted((a, b) => b.trust - a.trust)
  const edges = edgesOf(views)
  const subject = views.find((view) => view.subject === route.value.about) ?? views[0]
  const best = views[0]
  const sentence =
    best === undefined
      ? 'Nobody is known to be trusted.'
      : `${counted(views.length, 'society').replace('societys', 'societies')} around ` +
        `${status.name}; most trusted is ${name(best.subject)} with ${fraction(best.trust)}. ` +
        `${counted(edges.length, 'arrow')} say who has seen good of whom; thicker is more.`
  return (
    <>
      <Section title="Who is trusted" lead="From 0 to 1, in the eyes of this society alone.">
        <Scores views={views} societies={societies} about={subject?.subject ?? ''} name={name} />
      </Section>
      {views.length === 0 ? null : (
        <Section title="Through whom">
          <Graph
            self={status.id}
            selfName={status.name}
            others={views.map((view) => ({
              id: view.subject,
              label: name(view.subject),
              trust: view.trust,
            }))}
            edges={edges}
            sentence={sentence}
          />
        </Section>
      )}
      {subject === undefined ? null : <TrustWhy view={subject} name={name} />}
      <TrustActions status={status} others={others} name={name} />
    </>
  )
}
