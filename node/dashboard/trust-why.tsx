import type { ComponentChildren, VNode } from 'preact'
import type { TrustView } from '../../src/index.ts'
import type { Naming } from './society-names.ts'
import { Id, Section, Table } from './table.tsx'
import { counted, fraction, moment, short } from './words.ts'

type Terms = TrustView['terms']

function directWords({ direct }: Terms): string {
  if (direct.interactions === 0) return 'Nothing was seen of it yet, which counts as one half.'
  const last =
    direct.lastSuccess === null ? '' : `, the last good one ${moment(direct.lastSuccess)}`
  const vouch = direct.vouched ? '; ten of the good ones stand for an active vouch' : ''
  return `${direct.successes} good and ${direct.failures} bad dealings with it${last}${vouch}.`
}

const bondWords: Readonly<Record<string, string>> = {
  none: 'It has committed no capacity.',
  active: 'It has committed capacity and cannot withdraw it without loss.',
  violated: 'The capacity it committed went missing.',
  fulfilled: 'It kept capacity committed to the end.',
  abandoned: 'It broke its commitment off.',
}

function penaltyWords({ penalties }: Terms, name: Naming): string {
  if (penalties.items.length === 0) return 'None.'
  return penalties.items
    .map(({ factor, reason, society }) => `× ${factor} for ${reason} of ${name(society)}`)
    .join('; ')
}

const records = (ids: readonly string[]): VNode | string =>
  ids.length === 0 ? (
    '–'
  ) : (
    <>
      {ids.slice(0, 4).map((id) => (
        <Id key={id} id={id} label={`${short(id).slice(0, 6)} `} />
      ))}
    </>
  )

const counts = ({ value, weight }: Terms['transitive']): string => fraction(value * weight)

function rowsOf(view: TrustView, name: Naming): readonly (readonly ComponentChildren[])[] {
  const { terms, paths } = view
  const { direct, transitive, bond, reputation, experience, anomaly, penalties } = terms
  const adding = (label: string, term: typeof transitive, words: string) => [
    label,
    fraction(term.value),
    `× ${term.weight}`,
    fraction(term.value * term.weight),
    words,
    records(term.records),
  ]
  const taking = (label: string, term: typeof anomaly, words: string) => [
    label,
    fraction(term.value),
    '',
    `× ${fraction(term.factor)}`,
    words,
    records(term.records),
  ]
  const pathWords =
    paths.length === 0
      ? 'No path of others leads to it.'
      : `${counted(paths.length, 'path')} lead to it.`
  return [
    adding('Direct', direct, directWords(terms)),
    adding('Through others', transitive, pathWords),
    adding('Bond', bond, bondWords[bond.state] ?? bond.state),
    adding('Reputation', reputation, `${counted(reputation.jobs, 'job')} judged by this society.`),
    taking('Newcomer', experience, `${counted(experience.goodJobs, 'good job')} so far.`),
    taking('Anomaly', anomaly, anomaly.value === 0 ? 'No detector fired.' : 'Detectors fired.'),
    taking('Penalties', penalties, penaltyWords(terms, name)),
  ]
}

/** Every term of a score, how it counts, and the records behind it. */
export function TrustWhy({
  view,
  name,
}: {
  readonly view: TrustView
  readonly name: Naming
}): VNode {
  const { terms, paths, subject, trust } = view
  const { direct, transitive, bond, reputation, experience, anomaly, penalties } = terms
  const rows = rowsOf(view, name)
  const pathRows = paths.map(({ strength, hops }) => [
    fraction(strength),
    [hops[0]?.from ?? '', ...hops.map(({ to }) => to)].map((id) => name(id)).join(' → '),
    hops.map(({ weight }) => fraction(weight)).join(' × '),
  ])
  return (
    <Section
      title={`Why ${name(subject)} has ${fraction(trust)}`}
      lead={
        `(${[direct, transitive, bond, reputation].map(counts).join(' + ')}) × ` +
        `${[experience, anomaly, penalties].map(({ factor }) => fraction(factor)).join(' × ')} = ` +
        `${fraction(trust)}: four terms added up, at most to 1, times three factors.`
      }
    >
      <Table
        caption={`Terms of the trust in ${name(subject)}`}
        columns={[
          'Term',
          { head: 'Value', number: true },
          { head: 'Weight', number: true },
          { head: 'Counts', number: true },
          'Because',
          'Records',
        ]}
        rows={rows}
        empty=""
      />
      {pathRows.length === 0 ? null : (
        <>
          <h3>Paths</h3>
          <Table
            caption="Paths of trust, the strongest first"
            columns={[{ head: 'Strength', number: true }, 'Way', 'Weights']}
            rows={pathRows}
            empty=""
          />
        </>
      )}
    </Section>
  )
}
