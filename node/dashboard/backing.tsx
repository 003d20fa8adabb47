import type { VNode } from 'preact'
import type { BackingView } from '../../src/index.ts'
import { useResource } from './resource.ts'
import type { Naming } from './society-names.ts'
import { Id, Mark, Shown, Table } from './table.tsx'
import { amount, assurance, away, short, sourceName } from './words.ts'

const tones = { backed: 'good', partly: 'warn', unbacked: 'bad' } as const

const verdictWords = {
  backed: 'everything it holds is proven',
  partly: 'a part of what it holds is not proven',
  unbacked: 'nothing it holds is proven',
}

const verdictOf = ({ proven, claimed, verdict, acceptAssurance }: BackingView): string =>
  `${amount(proven, 'ATP')} of ${amount(claimed, 'ATP')}: ${verdictWords[verdict]}. ` +
  `This node accepts level ${acceptAssurance} and above.`

function Batches({ view, name }: { readonly view: BackingView; readonly name: Naming }): VNode {
  const rows = view.batches.map((batch) => [
    amount(batch.amount, 'ATP'),
    <>
      <Id id={batch.source} label={sourceName(batch.source)} />
      {batch.simulated ? <span class="hint"> simulated</span> : ''}
    </>,
    name(batch.charger),
    <>
      {batch.assurance} <span class="hint">{assurance(batch.assurance)}</span>
    </>,
    batch.proven ? <Mark tone="good">proven</Mark> : <Mark tone="bad">not proven</Mark>,
    away(batch.expiresAt),
    <ol class="chain">
      {batch.chain.map((id) => (
        <li key={id}>
          <Id id={id} label={short(id).slice(0, 6)} />
        </li>
      ))}
    </ol>,
  ])
  return (
    <Table
      caption={`What backs ${name(view.society)}`}
      columns={[
        { head: 'Amount', number: true },
        'Source',
        'Charged by',
        'Assurance',
        'Proof',
        'Expires',
        'Records, from the hand-over back to the proof',
      ]}
      rows={rows}
      empty={`${name(view.society)} holds no ATP now; what it has on offer is in escrow.`}
    />
  )
}

/** Whether a society's ATP may be taken, and why. */
export function Backing(given: { readonly society: string; readonly name: Naming }): VNode {
  const { society, name } = given
  const known = useResource<BackingView>(`/v1/societies/${encodeURIComponent(society)}/backing`)
  return (
    <div class="panel" role="region" aria-label={`Backing of ${name(society)}`}>
      <h3>Backing of {name(society)}</h3>
      <Shown known={known}>
        {(view) => (
          <>
            <p role="status">
              <Mark tone={tones[view.verdict]}>{view.verdict}</Mark> {verdictOf(view)}
            </p>
            {view.problems.length === 0 ? null : (
              <ul>
                {view.problems.map((problem, i) => (
                  <li key={i}>
                    {amount(problem.amount, 'ATP')}: {problem.message} <code>{problem.code}</code>
                  </li>
                ))}
              </ul>
            )}
            <Batches view={view} name={name} />
          </>
        )}
      </Shown>
    </div>
  )
}
