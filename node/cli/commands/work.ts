import { textOf, type Answer, type Command, type CommandContext } from '../command.ts'
import type { Given, Option } from '../command.ts'
import { describeTickets } from '../describe-tickets.ts'
import { namesOf } from '../names.ts'

type Fields = Readonly<Record<string, unknown>>

/** A command that writes one record; `fields` makes what it is given. */
export function recordCommand(
  command: Omit<Command, 'run'>,
  kind: string,
  fields: (given: Given) => Fields,
): Command {
  return {
    ...command,
    async run(given: Given, { client }: CommandContext) {
      const answer = await (await client()).write(kind, fields(given))
      return { value: answer, text: answer.id }
    },
  }
}

const ticket = { name: 'ticket', summary: 'id of the ticket, or a unique prefix' }
const description: Option = { name: 'description', value: 'TEXT', summary: 'what it is for' }
const deadline: Option = {
  name: 'deadline',
  value: 'HOURS',
  kind: 'number',
  summary: 'hours until it is over',
}
const quality: Option = {
  name: 'quality',
  value: 'Q',
  kind: 'number',
  summary: '0 to 1, the beneficiary’s word',
  required: true,
}

const started: Option = {
  name: 'started',
  value: 'TIME',
  summary: 'when the work began, such as 2026-06-21T08:00Z',
}
const finished: Option = {
  name: 'finished',
  value: 'TIME',
  summary: 'when it was done; with both its hours count',
}

const complete = recordCommand(
  {
    words: 'work complete',
    summary: 'discharge a ticket; worker and beneficiary sign through their nodes',
    example: 'society work complete 4e9b7d --quality 0.9 --consumed 47',
    arguments: [ticket],
    options: [
      quality,
      { name: 'consumed', value: 'AMOUNT', kind: 'amount', summary: 'ATP used; all by default' },
      { name: 'beneficiary', value: 'ID', summary: 'who judges the work' },
      started,
      finished,
    ],
  },
  'work.complete',
  (given) => ({
    ticket: given['ticket'],
    quality: given['quality'],
    consumed: given['consumed'],
    beneficiary: given['beneficiary'],
    started: given['started'],
    finished: given['finished'],
  }),
)

async function list(given: Given, { client, json }: CommandContext): Promise<Answer> {
  const api = await client()
  const query = { society: textOf(given, 'society'), worker: textOf(given, 'worker') }
  const value = await api.call('listTickets', { query })
  return { value, text: json ? '' : describeTickets(value, await namesOf(api)) }
}

/** Commands about work. */
export const workCommands: readonly Command[] = [
  recordCommand(
    {
      words: 'request',
      summary: 'ask a society for ATP to work with',
      example: 'society request 200 --to sage --urgency 0.8',
      arguments: [{ name: 'amount', kind: 'amount', summary: 'ATP' }],
      options: [
        { name: 'to', value: 'ID', summary: 'whom to ask', required: true },
        { name: 'urgency', value: 'U', kind: 'number', summary: '0 to 1; 0.5 by default' },
        { name: 'efficiency', value: 'E', kind: 'number', summary: '0 to 1; 0.5 by default' },
        { name: 'critical', summary: 'before every class; for own requests only' },
        deadline,
        description,
      ],
    },
    'work.request',
    (given) => ({
      to: given['to'],
      amount: given['amount'],
      urgency: given['urgency'],
      efficiency: given['efficiency'],
      critical: given['critical'],
      deadlineHours: given['deadline'],
      description: given['description'],
    }),
  ),
  recordCommand(
    {
      words: 'work allocate',
      summary: 'reserve ATP for a worker’s ticket',
      example: 'society work allocate 200 --worker oak --description "index the archive"',
      arguments: [{ name: 'amount', kind: 'amount', summary: 'ATP' }],
      options: [
        { name: 'worker', value: 'ID', summary: 'who works', required: true },
        { name: 'request', value: 'ID', summary: 'the request it serves' },
        deadline,
        description,
      ],
    },
    'work.allocate',
    (given) => ({
      amount: given['amount'],
      worker: given['worker'],
      request: given['request'],
      deadlineHours: given['deadline'],
      description: given['description'],
    }),
  ),
  complete,
  recordCommand(
    {
      words: 'work fail',
      summary: 'end a ticket without result; its ATP returns',
      example: 'society work fail 4e9b7d --reason "disk full"',
      arguments: [ticket],
      options: [{ name: 'reason', value: 'TEXT', summary: 'why' }],
    },
    'work.fail',
    (given) => ({ ticket: given['ticket'], reason: given['reason'] }),
  ),
  {
    words: 'work confirm',
    summary: 'confirm another society’s ticket: this node will sign just this quality and hours',
    example: 'society work confirm 4e9b7d... --quality 0.9',
    arguments: [ticket],
    options: [quality, started, finished],
    async run(given, { client }) {
      const body = {
        ticket: textOf(given, 'ticket') ?? '',
        quality: textOf(given, 'quality') ?? '',
        started: textOf(given, 'started'),
        finished: textOf(given, 'finished'),
      }
      const value = await (await client()).call('confirmWork', { body })
      return { value, text: value.ticket }
    },
  },
  {
    words: 'work disown',
    summary: 'tell witnesses that this society does not stand by a receipt that it signed',
    example: 'society work disown 7c02e5',
    arguments: [{ name: 'receipt', summary: 'the work.complete, by its whole id' }],
    async run(given, { client }) {
      const body = { receipt: textOf(given, 'receipt') ?? '' }
      const value = await (await client()).call('disownWork', { body })
      return { value, text: value.receipt }
    },
  },
  {
    words: 'work list',
    summary: 'tickets that a society allocated, or that a worker has, the oldest first',
    example: 'society work list --worker leaf',
    options: [
      { name: 'society', value: 'ID', summary: 'whose tickets; our own by default' },
      { name: 'worker', value: 'ID', summary: 'whose work, wherever it was allocated' },
    ],
    run: list,
  },
]
