import type { VNode } from 'preact'
import type { ClockState, OwnSource, Status } from '../answers.ts'
import { KeptHistory } from '../kept-history.tsx'
import { happenings } from '../live.ts'
import { useResource } from '../resource.ts'
import { useNames, type Naming } from '../society-names.ts'
import { Figure, Mark, Section, Shown, Table } from '../table.tsx'
import { VitalSigns } from '../vitals.tsx'
import { amount, away, moment, short, sourceName } from '../words.ts'

const clockWords = {
  right: 'right',
  behind: 'behind what this node signed already',
  skewed: 'off the clocks of others',
  jumped: 'it leapt',
}

const offset = (ms: number | null): string =>
  ms === null ? 'unknown' : amount(Math.round(ms), 'ms')

function Verdict({ status }: { readonly status: Status }): VNode {
  const { state, reasons } = status.health
  if (state === 'ok' && reasons.length === 0) {
    return (
      <p>
        <Mark tone="good">well</Mark> The node signs, stores and answers. Nothing needs you.
      </p>
    )
  }
  return (
    <>
      <p>
        {state === 'ok' ? (
          <>
            <Mark tone="warn">works</Mark> The node works, but something is about to need you:
          </>
        ) : (
          <>
            <Mark tone="bad">stopped</Mark> The node signs nothing until this is mended:
          </>
        )}
      </p>
      <ul>
        {reasons.map(({ code, message }) => (
          <li key={`${code} ${message}`}>
            {message} <code>{code}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

function Clock({ clock, name }: { readonly clock: ClockState; readonly name: Naming }): VNode {
  const rows = [
    ...clock.peers.map(({ society, offsetMs }) => [name(society), offset(offsetMs)]),
    ...clock.servers.map(({ server, offsetMs, failure }) => [server, failure ?? offset(offsetMs)]),
  ]
  return (
    <>
      <p>
        <Mark tone={clock.state === 'right' ? 'good' : 'bad'}>{clockWords[clock.state]}</Mark>{' '}
        {clock.message ?? 'Records are dated by this machine’s clock.'}
      </p>
      <Table
        caption="By how much other clocks are ahead of this machine"
        columns={['Clock', { head: 'Ahead', number: true }]}
        rows={rows}
        empty="No other clock is heard. Members tell theirs once a minute."
      />
    </>
  )
}

function Renewals({ sources }: { readonly sources: readonly OwnSource[] }): VNode {
  const rows = sources.flatMap(({ id, renewal, staleAt }) =>
    renewal === null
      ? []
      : [
          [
            sourceName(id),
            away(renewal.renewal),
            away(staleAt),
            renewal.failure === null ? (
              <Mark tone="good">fine</Mark>
            ) : (
              <>
                <Mark tone="bad">failed {renewal.failures} times</Mark> {renewal.failure.message}
              </>
            ),
          ],
        ],
  )
  return (
    <Table
      caption="Sources that are measured again by themselves"
      columns={['Source', 'Measured again', 'Stale', 'How it goes']}
      rows={rows}
      empty="No source is measured again by itself. What was measured once at a device will be."
    />
  )
}

function Happenings({ name }: { readonly name: Naming }): VNode {
  const rows = happenings.value.slice(0, 20).map(({ id, time, type, data }) => {
    const { kind, society } = data
    return [
      time === '' ? '' : moment(time, true),
      type === 'record' ? String(kind) : type,
      typeof society === 'string' ? name(society) : '',
      typeof data['id'] === 'string' ? short(data['id']) : short(id),
    ]
  })
  return (
    <Table
      caption="What happened since this page was opened, the newest first"
      columns={['When', 'What', 'Whose', 'Id']}
      rows={rows}
      empty="Nothing has happened since this page was opened. Events appear here as they come."
    />
  )
}

function TheNode({ status }: { readonly status: Status }): VNode {
  return (
    <dl class="facts">
      <div>
        <dt>Version</dt>
        <dd>{status.version}</dd>
      </div>
      <div>
        <dt>Running since</dt>
        <dd>{moment(status.startedAt)}</dd>
      </div>
      <div>
        <dt>API</dt>
        <dd>{status.api}</dd>
      </div>
      <div>
        <dt>Society</dt>
        <dd>
          <code>{status.id}</code>
        </dd>
      </div>
      <div>
        <dt>Peer</dt>
        <dd>
          <code>{status.peer}</code>
        </dd>
      </div>
    </dl>
  )
}

/** Whether the node works, and what to do where it does not. */
export function HealthPage({ status }: { readonly status: Status }): VNode {
  const name = useNames()
  const clock = useResource<ClockState>('/v1/clock')
  const sources = useResource<readonly OwnSource[]>('/v1/sources')
  const { health } = status
  return (
    <>
      <Verdict status={status} />
      <dl class="figures">
        <Figure label="Peers connected" value={status.peers} unit="nodes" one="node" />
        <Figure label="To be judged" value={health.jobs} unit="jobs" one="job" />
        <Figure
          label="Waiting"
          value={health.waiting}
          unit="messages"
          one="message"
          note="for what they build on"
        />
        <Figure
          label="Documents held"
          value={status.heads.length}
          unit="documents"
          one="document"
        />
      </dl>
      <VitalSigns />
      <KeptHistory />
      <Section title="Clock">
        <Shown known={clock}>{(value) => <Clock clock={value} name={name} />}</Shown>
      </Section>
      <Section title="Measuring again">
        <Shown known={sources}>{(value) => <Renewals sources={value} />}</Shown>
      </Section>
      <Section title="Detectors" lead="What this node finds odd in its own society’s records.">
        <Table
          caption="Detectors that fired"
          columns={['Detector', { head: 'Severity', number: true }, 'Records']}
          rows={status.flags.map(({ name: flag, severity, evidence }) => [
            flag,
            severity,
            evidence.map((id) => short(id)).join(' '),
          ])}
          empty="None fired."
        />
      </Section>
      <Section title="Happened">
        <Happenings name={name} />
      </Section>
      <Section title="The node">
        <TheNode status={status} />
      </Section>
    </>
  )
}
