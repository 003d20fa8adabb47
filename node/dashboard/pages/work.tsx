import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import type { QueuePlaceView, TicketListView } from '../../../src/index.ts'
import type { Status } from '../answers.ts'
import type { Choice } from '../form.tsx'
import { useResource } from '../resource.ts'
import { useNames, useOthers, type Naming } from '../society-names.ts'
import { Figure, Id, Mark, Name, Section, Shown, Table } from '../table.tsx'
import { TicketActions, WorkActions } from '../work-actions.tsx'
import { amount, away, fraction, moment, short, span } from '../words.ts'

function Queue(given: {
  readonly places: readonly QueuePlaceView[]
  readonly name: Naming
  readonly isOwn: boolean
}): VNode {
  const { places, name, isOwn } = given
  const rows = places.map((one) => [
    one.place,
    <Name id={one.requester} name={name} />,
    amount(one.amount, 'ATP'),
    one.critical ? 'critical' : one.class,
    fraction(one.trust),
    span(one.waitedMs),
    <>
      {one.why} {one.fits ? <Mark tone="good">fits now</Mark> : <Mark tone="warn">waits</Mark>}
    </>,
    <Id id={one.id} label={short(one.id)} />,
  ])
  return (
    <Table
      caption="Requests in the order they are served"
      columns={[
        { head: 'Place', number: true },
        'Requester',
        { head: 'Amount', number: true },
        { head: 'Class', number: true },
        { head: 'Trust', number: true },
        { head: 'Waited', number: true },
        'Why here',
        'Request',
      ]}
      rows={rows}
      empty={
        isOwn
          ? 'Nobody waits. Others ask this society for ATP by a request; it then stands here.'
          : 'Nobody waits there.'
      }
    />
  )
}

const tones = { active: 'warn', completed: 'good', failed: 'bad' } as const

function endOf(ticket: TicketListView): string {
  const { state, quality, consumed, reason, deadline } = ticket
  if (state === 'active') return `due ${away(deadline)}`
  if (state === 'failed') return reason ?? 'its deadline passed'
  return `quality ${fraction(quality ?? 0)}, ${amount(consumed ?? 0, 'ATP')} used`
}

function Tickets(given: {
  readonly tickets: readonly TicketListView[]
  readonly caption: string
  readonly empty: string
  readonly name: Naming
  readonly mine: boolean
}): VNode {
  const { tickets, caption, empty, name, mine } = given
  const rows = tickets
    .toReversed()
    .map((ticket) => [
      <span title={moment(ticket.allocatedAt)}>{away(ticket.allocatedAt)}</span>,
      mine ? name(ticket.worker) : name(ticket.society),
      amount(ticket.amount, 'ATP'),
      ticket.description ?? '',
      <Mark tone={tones[ticket.state]}>{ticket.state}</Mark>,
      endOf(ticket),
      <Id id={ticket.id} label={short(ticket.id)} />,
    ])
  return (
    <Table
      caption={caption}
      columns={[
        'Begun',
        mine ? 'Worker' : 'For',
        { head: 'Reserved', number: true },
        'What for',
        'State',
        'Outcome',
        'Ticket',
      ]}
      rows={rows}
      empty={empty}
    />
  )
}

function QueueOf(given: {
  readonly status: Status
  readonly others: readonly Choice[]
  readonly name: Naming
}): VNode {
  const { status, others, name } = given
  const whose = useSignal(status.id)
  const society = encodeURIComponent(whose.value)
  const queue = useResource<readonly QueuePlaceView[]>(`/v1/queue?society=${society}`)
  return (
    <Section title="Queue" lead="Trust gives the class, never a price; waiting lifts it.">
      <p>
        <label>
          Queue of{' '}
          <select
            class="inline"
            value={whose.value}
            onChange={(event) => {
              whose.value = event.currentTarget.value
            }}
          >
            <option value={status.id}>{status.name}</option>
            {others.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </p>
      <Shown known={queue}>
        {(places) => <Queue places={places} name={name} isOwn={whose.value === status.id} />}
      </Shown>
      <WorkActions others={others} self={status.id} />
    </Section>
  )
}

/** The queue and why it stands so, tickets and how they came out. */
export function WorkPage({ status }: { readonly status: Status }): VNode {
  const name = useNames()
  const others = useOthers(status.id)
  const self = encodeURIComponent(status.id)
  const allocated = useResource<readonly TicketListView[]>('/v1/tickets')
  const worked = useResource<readonly TicketListView[]>(`/v1/tickets?worker=${self}`)
  const { work } = status
  return (
    <>
      <dl class="figures">
        <Figure label="Waiting" value={work.queued} unit="requests" one="request" />
        <Figure label="Under way" value={work.active} unit="tickets" one="ticket" />
        <Figure label="Completed" value={work.completed} unit="tickets" one="ticket" />
        <Figure label="Failed" value={work.failed} unit="tickets" one="ticket" />
        <Figure label="Reputation" value={status.reputation} unit="ATP × quality" />
      </dl>
      <QueueOf status={status} others={others} name={name} />
      <Section title="Tickets of this society" lead="ATP that it reserved for somebody’s work.">
        <Shown known={allocated}>
          {(tickets) => (
            <>
              <Tickets
                tickets={tickets}
                caption="Tickets that this society allocated"
                empty="No ticket yet. Allocate ATP to a worker above."
                name={name}
                mine
              />
              <TicketActions tickets={tickets} others={others} name={name} />
            </>
          )}
        </Shown>
      </Section>
      <Section title="Work done by this society">
        <Shown known={worked}>
          {(tickets) => (
            <Tickets
              tickets={tickets}
              caption="Tickets that this society works on"
              empty="This society has worked for nobody yet."
              name={name}
              mine={false}
            />
          )}
        </Shown>
      </Section>
    </>
  )
}
