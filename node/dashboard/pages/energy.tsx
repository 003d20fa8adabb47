import type { VNode } from 'preact'
import type { OwnSource, Status } from '../answers.ts'
import { EnergyActions } from '../energy-actions.tsx'
import { EnergyFlow } from '../energy-flow.tsx'
import { LineChart } from '../line-chart.tsx'
import { usePast } from '../past.ts'
import { useResource } from '../resource.ts'
import { Bar, Figure, Id, Mark, Section, Shown, Table } from '../table.tsx'
import { amount, assurance, away, moment, sourceName } from '../words.ts'

const tones = { valid: 'good', stale: 'warn', contested: 'bad', retired: 'plain' } as const

const stateWords = {
  valid: 'valid',
  stale: 'stale: measure it again',
  contested: 'contested: another society claims it',
  retired: 'retired',
}

function renewalOf({ renewal, state }: OwnSource): string {
  if (state === 'retired') return 'no more'
  if (renewal === null) return 'by hand only'
  if (renewal.failure !== null) return `failed: ${renewal.failure.message}`
  return away(renewal.renewal)
}

function Sources({ sources }: { readonly sources: readonly OwnSource[] }): VNode {
  const rows = sources.map((source) => {
    const { id, capacity, occupied, state } = source
    const free = Math.max(0, capacity - occupied)
    const words = `${amount(occupied, 'W')} of ${amount(capacity, 'W')} occupied`
    return [
      <>
        <Id id={id} label={sourceName(id)} />
        {source.simulated ? <span class="hint"> simulated</span> : ''}
      </>,
      amount(capacity, 'W'),
      <>
        {amount(occupied, 'W')} <Bar part={occupied} whole={capacity} label={words} />
      </>,
      amount(free, 'W'),
      <>
        {source.assurance} <span class="hint">{assurance(source.assurance)}</span>
      </>,
      <Mark tone={tones[state]}>{stateWords[state]}</Mark>,
      <span title={moment(source.staleAt)}>{away(source.staleAt)}</span>,
      renewalOf(source),
    ]
  })
  return (
    <Table
      caption="Sources of this society"
      columns={[
        'Source',
        { head: 'Proven', number: true },
        { head: 'Occupied', number: true },
        { head: 'Free', number: true },
        'Assurance',
        'State',
        'Expires',
        'Measured again',
      ]}
      rows={rows}
      empty="No source is proven yet. Measure a device below; ATP can be charged against it then."
    />
  )
}

function Over({ status }: { readonly status: Status }): VNode {
  const points = usePast(status)
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return <p class="empty">Nothing is known yet.</p>
  const sentence =
    `Since ${moment(new Date(first.time).toISOString())} ATP went from ` +
    `${amount(first.atp, 'ATP')} to ${amount(last.atp, 'ATP')}, ADP from ` +
    `${amount(first.adp, 'ADP')} to ${amount(last.adp, 'ADP')}; ` +
    `${amount(last.wasted, 'ATP')} expired unused.`
  const lines = [
    { label: 'ATP held or lent', unit: 'ATP', colour: 'atp', values: points.map(({ atp }) => atp) },
    {
      label: 'ADP',
      unit: 'ADP',
      colour: 'adp',
      values: points.map(({ adp }) => adp),
      dash: [8, 4],
    },
    {
      label: 'wasted',
      unit: 'ATP',
      colour: 'bad',
      values: points.map(({ wasted }) => wasted),
      dash: [2, 3],
    },
  ]
  return (
    <LineChart
      times={points.map(({ time }) => time)}
      lines={lines}
      label="packets of 1 Wh"
      sentence={sentence}
    />
  )
}

function Batches({ status }: { readonly status: Status }): VNode {
  const rows = status.atp.batches.map(({ id, amount: atp, source, expiresAt }) => [
    amount(atp, 'ATP'),
    <Id id={source} label={sourceName(source)} />,
    <span title={moment(expiresAt)}>{away(expiresAt)}</span>,
    <Id id={id} label={id.slice(0, 12)} />,
  ])
  return (
    <Table
      caption="Available ATP in the order it is spent"
      columns={[{ head: 'Amount', number: true }, 'Source', 'Expires', 'Batch']}
      rows={rows}
      empty="No ATP is available. Charge some against the free watts of a source."
    />
  )
}

function Waste({ status }: { readonly status: Status }): VNode {
  const { alerts, atp } = status
  if (alerts.length === 0) {
    const lost =
      atp.wasted === 0
        ? 'Nothing expired unused so far.'
        : `${amount(atp.wasted, 'ATP')} expired unused so far and are ADP again.`
    return <p>{lost} Nothing is about to.</p>
  }
  return (
    <ul class="alerts">
      {alerts.map((alert) => (
        <li key={alert.batch}>
          <Mark tone="warn">about to be wasted</Mark> {amount(alert.amount, 'ATP')} of{' '}
          {sourceName(alert.source)}, {alert.age} old: use or lend them before they expire.
        </li>
      ))}
    </ul>
  )
}

/** Sources, what is charged against them, where it goes, and what is lost. */
export function EnergyPage({ status }: { readonly status: Status }): VNode {
  const { atp, adp, energy } = status
  const sources = useResource<readonly OwnSource[]>('/v1/sources')
  const occupied = Object.values(energy.sources)
    .filter(({ state }) => state === 'valid')
    .reduce((sum, source) => sum + source.occupied, 0)
  const free = Math.max(0, energy.capacity - occupied)
  return (
    <>
      <dl class="figures">
        <Figure
          label="Proven"
          value={energy.capacity}
          unit="W"
          note={`${amount(occupied, 'W')} occupied, ${amount(free, 'W')} free`}
        />
        <Figure
          label="Available"
          value={atp.available}
          unit="ATP"
          note={`${amount(atp.reserved, 'ATP')} reserved, ${amount(atp.escrowed, 'ATP')} in escrow`}
        />
        <Figure
          label="To be charged"
          value={adp.pool}
          unit="ADP"
          note={`${amount(adp.escrowed, 'ADP')} in escrow`}
        />
        <Figure
          label="Lent"
          value={atp.lent}
          unit="ATP"
          note={`${amount(atp.borrowed, 'ATP')} borrowed`}
        />
        <Figure label="Wasted" value={atp.wasted} unit="ATP" note="expired before it was used" />
      </dl>
      <Section title="Sources">
        <Shown known={sources}>{(value) => <Sources sources={value} />}</Shown>
        <EnergyActions status={status} />
      </Section>
      <Section
        title="Where energy goes"
        lead="ATP that exists now: its source, who charged it, who holds it."
      >
        <EnergyFlow self={status.id} />
      </Section>
      <Section title="ATP and ADP over time">
        <Over status={status} />
      </Section>
      <Section title="Available, in the order it is spent">
        <Batches status={status} />
      </Section>
      <Section title="Waste">
        <Waste status={status} />
      </Section>
    </>
  )
}
