import type { AuditRequest, Queue } from '../client/index.ts'
import type { Naming } from './names.ts'
import { columns, short, span, table, toRight, unit } from './text.ts'

/** A queue for people: who stands where, and why. */
export function describeQueue(queue: readonly Queue[], nameOf: Naming): string {
  const rows = queue.map((request) => [
    String(request.place),
    nameOf(request.requester),
    unit(request.amount, 'ATP'),
    String(request.class),
    span(request.waitedMs),
    short(request.id),
    request.why,
  ])
  const header = [
    toRight('PLACE'),
    'WHO',
    toRight('AMOUNT'),
    toRight('CLASS'),
    toRight('WAITED'),
    'REQUEST',
    'WHY HERE',
  ]
  return table(header, rows, 'nobody waits')
}

const verdicts = {
  honoured: 'honoured: nothing that should have come after it went before',
  'not-honoured': 'not honoured',
  waiting: 'so far honoured',
} as const

function fateOf(request: AuditRequest): string {
  const { state, code, place, class: rank, servedAt, ticket } = request
  if (state === 'waiting') return `waits at place ${place}, in class ${rank}`
  if (state === 'refused') return `refused when it arrived: ${code}`
  if (state === 'dropped') return 'dropped, past its deadline'
  const by = ticket === null ? '' : ` by ticket ${short(ticket)}`
  const told = rank === null ? 'no class told' : `in class ${rank}`
  return `served at ${servedAt}${by}, ${told}`
}

/** A request for people: what became of it, and whether its place was honoured. */
export function describeRequest(request: AuditRequest, nameOf: Naming): string {
  const { audit, deadline, why } = request
  const facts = columns([
    ['request', request.id],
    ['from', nameOf(request.requester)],
    ['to', nameOf(request.to)],
    ['amount', unit(request.amount, 'ATP')],
    ['asked at', request.submittedAt],
    ['deadline', deadline],
    ['urgency', `${request.urgency}, efficiency ${request.efficiency}`],
    ['state', fateOf(request)],
    ...(why === null ? [] : [['why here', why]]),
    ...(audit === null ? [] : [['place', verdicts[audit.verdict]]]),
  ])
  const problems = (audit?.problems ?? []).map(({ kind, message, record }) => [
    kind,
    message,
    short(record),
  ])
  if (problems.length === 0) return facts
  return `${facts}\n\n${columns(problems, ['PROBLEM', 'WHAT', 'TICKET'])}`
}
