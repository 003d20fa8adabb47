import type { BackingView, TradesView } from '../../../src/index.ts'
import { textOf, type Answer, type Command } from '../command.ts'
import type { CommandContext, Given } from '../command.ts'
import { columns, short, table, unit } from '../text.ts'
import { recordCommand } from './work.ts'

const acceptance = { name: 'acceptance', summary: 'id of the acceptance, or a unique prefix' }

type Witnesses = BackingView['batches'][number]['witnesses']

/** What those say who count, each with how it looked. */
function describeWitnesses(witnesses: Witnesses): string {
  return witnesses
    .map(({ verdict, path }) => `${verdict ? 'yes' : 'NO'}${path === null ? '' : ` (${path})`}`)
    .join(', ')
}

function describeBacking(view: BackingView): string {
  const rows = view.batches.map((batch) => [
    short(batch.id),
    unit(batch.amount, 'ATP'),
    batch.source + (batch.simulated ? ' (simulated)' : ''),
    String(batch.assurance),
    describeWitnesses(batch.witnesses),
    batch.expiresAt,
  ])
  const header = ['BATCH', 'AMOUNT', 'SOURCE', 'LEVEL', 'WITNESSES', 'EXPIRES AT']
  const problems = view.problems.map(({ code, message, record }) => [
    code,
    message,
    record === null ? '' : short(record),
  ])
  return [
    `${view.verdict}: ${view.proven} of ${unit(view.claimed, 'ATP')} proven`,
    ...(rows.length === 0 ? [] : [`\n${columns(rows, header)}`]),
    ...(problems.length === 0 ? [] : [`\n${columns(problems, ['PROBLEM', 'WHAT', 'RECORD'])}`]),
  ].join('\n')
}

async function list(_given: Given, { client }: CommandContext): Promise<Answer> {
  const value = await (await client()).ask<TradesView>('GET', '/v1/trades')
  const offers = value.offers.map(({ id, seller, left, price, service, mine }) => [
    mine ? 'my offer' : 'offer',
    short(id),
    unit(left, 'ATP'),
    `${price} ADP each`,
    short(seller),
    service ?? '',
  ])
  const acceptances = value.acceptances.map(({ id, buyer, amount, due, mine }) => [
    mine ? 'my acceptance' : 'acceptance',
    short(id),
    unit(amount, 'ATP'),
    `${due} ADP`,
    short(buyer),
    '',
  ])
  const header = ['WHAT', 'ID', 'AMOUNT', 'FOR', 'SOCIETY', 'SERVICE']
  return { value, text: table(header, [...offers, ...acceptances], 'nothing on offer') }
}

/** Cancels what the text names: the ledger has a field for either. */
async function cancel(given: Given, { client }: CommandContext): Promise<Answer> {
  const api = await client()
  const { acceptances } = await api.ask<TradesView>('GET', '/v1/trades')
  const text = textOf(given, 'id') ?? ''
  const what = acceptances.some(({ id }) => id.startsWith(text)) ? 'acceptance' : 'offer'
  const value = await api.write('trade.cancel', { [what]: text, because: given['because'] })
  return { value, text: value.id }
}

/** Commands about trade, and the question before it. */
export const tradeCommands: readonly Command[] = [
  recordCommand(
    {
      words: 'trade offer',
      summary: 'put own ATP in escrow for whoever hands back ADP',
      example: 'society trade offer 200 --price 1.25 --service "code review"',
      arguments: [{ name: 'amount', kind: 'amount', summary: 'ATP' }],
      options: [
        { name: 'price', value: 'ADP', kind: 'amount', summary: 'ADP per ATP; 1 by default' },
        { name: 'to', value: 'ID', summary: 'only for this society' },
        { name: 'service', value: 'TEXT', summary: 'service agreed besides' },
        {
          name: 'expires',
          value: 'HOURS',
          kind: 'number',
          summary: 'hours until it is over; 24 by default',
        },
      ],
    },
    'trade.offer',
    (given) => ({
      amount: given['amount'],
      price: given['price'],
      to: given['to'],
      service: given['service'],
      expiresHours: given['expires'],
    }),
  ),
  {
    words: 'trade list',
    summary: 'open offers and waiting acceptances',
    example: 'society trade list --json',
    run: list,
  },
  recordCommand(
    {
      words: 'trade accept',
      summary: 'put ADP in escrow for (part of) an offer',
      example: 'society trade accept 8ee90e --amount 50',
      arguments: [{ name: 'offer', summary: 'id of the offer, or a unique prefix' }],
      options: [
        {
          name: 'amount',
          value: 'AMOUNT',
          kind: 'amount',
          summary: 'ATP; all that is left by default',
        },
      ],
    },
    'trade.accept',
    (given) => ({ offer: given['offer'], amount: given['amount'] }),
  ),
  recordCommand(
    {
      words: 'trade settle',
      summary: 'settle an acceptance of one’s own offer',
      example: 'society trade settle 586443',
      arguments: [acceptance],
    },
    'trade.settle',
    (given) => ({ acceptance: given['acceptance'] }),
  ),
  recordCommand(
    {
      words: 'trade decline',
      summary: 'decline an acceptance of one’s own offer',
      example: 'society trade decline 586443',
      arguments: [acceptance],
    },
    'trade.decline',
    (given) => ({ acceptance: given['acceptance'] }),
  ),
  {
    words: 'trade cancel',
    summary: 'take back one’s own offer, or an acceptance that the seller will not settle',
    example: 'society trade cancel 8ee90e',
    arguments: [{ name: 'id', summary: 'id of the offer or acceptance, or a unique prefix' }],
    options: [
      { name: 'because', value: 'ID', summary: 'the seller’s record that frees the escrow' },
    ],
    run: cancel,
  },
  {
    words: 'backing',
    summary: 'may I take this society’s ATP, and why',
    example: 'society backing loom',
    arguments: [{ name: 'id', summary: 'society, by id, prefix or name' }],
    async run(given, { client }) {
      const path = `/v1/societies/${encodeURIComponent(textOf(given, 'id') ?? '')}/backing`
      const view = await (await client()).ask<BackingView>('GET', path)
      return { value: view, text: describeBacking(view) }
    },
  },
]
