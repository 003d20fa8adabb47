import { ambiguous } from '../../../src/index.ts'
import { textOf, type Answer, type Command } from '../command.ts'
import type { CommandContext, Given } from '../command.ts'
import { namesOf } from '../names.ts'
import { short, table, toRight, unit } from '../text.ts'
import { recordCommand } from './work.ts'

const acceptance = { name: 'acceptance', summary: 'id of the acceptance, or a unique prefix' }

async function list(_given: Given, { client, json }: CommandContext): Promise<Answer> {
  const api = await client()
  const value = await api.call('listTrades')
  if (json) return { value, text: '' }
  const nameOf = await namesOf(api)
  const offers = value.offers.map(({ id, seller, left, price, service, mine }) => [
    mine ? 'my offer' : 'offer',
    short(id),
    unit(left, 'ATP'),
    `${price} ADP each`,
    nameOf(seller),
    service ?? '',
  ])
  const acceptances = value.acceptances.map(({ id, buyer, amount, due, mine }) => [
    mine ? 'my acceptance' : 'acceptance',
    short(id),
    unit(amount, 'ATP'),
    `${due} ADP`,
    nameOf(buyer),
    '',
  ])
  const header = ['WHAT', 'ID', toRight('AMOUNT'), 'FOR', 'SOCIETY', 'SERVICE']
  return { value, text: table(header, [...offers, ...acceptances], 'nothing on offer') }
}

/** Cancels what the text names: the ledger has a field for either. */
async function cancel(given: Given, { client }: CommandContext): Promise<Answer> {
  const api = await client()
  const { offers, acceptances } = await api.call('listTrades')
  const text = textOf(given, 'id') ?? ''
  const fitting = [...offers, ...acceptances]
    .map(({ id }) => id)
    .filter((id) => id.startsWith(text))
  if (fitting.length > 1) throw ambiguous(text, 'offers and acceptances', fitting)
  const what = acceptances.some(({ id }) => id.startsWith(text)) ? 'acceptance' : 'offer'
  const value = await api.write('trade.cancel', { [what]: text, because: given['because'] })
  return { value, text: value.id }
}

/** Commands about trade. */
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
]
