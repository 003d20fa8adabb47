import type { Tickets } from '../client/index.ts'
import type { Naming } from './names.ts'
import { short, table, toRight, unit } from './text.ts'

/** When a ticket is over, or was, and how it came out. */
function fateOf({ state, deadline, endedAt, quality, consumed, reason }: Tickets): string {
  if (state === 'active') return `until ${deadline}`
  const when = endedAt ?? deadline
  if (state === 'completed') {
    return `${when}, quality ${quality}, ${unit(consumed ?? 0, 'ATP')} used`
  }
  return reason === null ? when : `${when}, ${reason}`
}

/** Tickets for people. */
export function describeTickets(tickets: readonly Tickets[], nameOf: Naming): string {
  const rows = tickets.map((ticket) => [
    short(ticket.id),
    ticket.state,
    unit(ticket.amount, 'ATP'),
    nameOf(ticket.society),
    nameOf(ticket.worker),
    fateOf(ticket),
    ticket.description ?? '',
  ])
  const header = ['TICKET', 'STATE', toRight('AMOUNT'), 'OF', 'WORKER', 'OVER', 'WHAT FOR']
  return table(header, rows, 'no tickets')
}
