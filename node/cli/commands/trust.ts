import { textOf, textsOf, type Answer, type Command } from '../command.ts'
import type { CommandContext, Given, Option } from '../command.ts'
import { describeTrust } from '../describe-trust.ts'
import { namesOf } from '../names.ts'
import { short, table, toRight, unit } from '../text.ts'
import { recordCommand } from './work.ts'

async function trust(given: Given, { client, json }: CommandContext): Promise<Answer> {
  const api = await client()
  const params = { id: textOf(given, 'id') ?? '' }
  const query = { observer: textOf(given, 'by') }
  const value = await api.call('getTrust', { params, query })
  return { value, text: json ? '' : describeTrust(value, await namesOf(api)) }
}

const queryOf = (given: Given): { readonly society: string | undefined } => ({
  society: textOf(given, 'society'),
})

async function bonds(given: Given, { client, json }: CommandContext): Promise<Answer> {
  const api = await client()
  const value = await api.call('listBonds', { query: queryOf(given) })
  if (json) return { value, text: '' }
  const nameOf = await namesOf(api)
  const rows = value.map(({ id, society, capacity, state, until, proven, sources }) => [
    short(id),
    nameOf(society),
    unit(capacity, 'W'),
    state,
    until,
    proven ? 'proven' : 'missing',
    sources.join(' '),
  ])
  const header = [
    'BOND',
    'SOCIETY',
    toRight('COMMITTED'),
    'STATE',
    'LOCKED UNTIL',
    'CAPACITY',
    'SOURCES',
  ]
  return { value, text: table(header, rows, 'no bonds') }
}

async function vouches(given: Given, { client, json }: CommandContext): Promise<Answer> {
  const api = await client()
  const value = await api.call('listVouches', { query: queryOf(given) })
  if (json) return { value, text: '' }
  const nameOf = await namesOf(api)
  const rows = value.map(({ id, sponsor, newcomer, watts, state, until }) => [
    short(id),
    nameOf(sponsor),
    nameOf(newcomer),
    unit(watts, 'W'),
    state,
    until,
  ])
  const header = ['VOUCH', 'SPONSOR', 'NEWCOMER', toRight('WATTS'), 'STATE', 'UNTIL']
  return { value, text: table(header, rows, 'no vouches') }
}

const whose: Option = { name: 'society', value: 'ID', summary: 'of this society alone' }

const bondCommands: readonly Command[] = [
  recordCommand(
    {
      words: 'bond commit',
      summary: 'commit sources for a time: trust grows with it, and is halved if they go missing',
      example: 'society bond commit acme-4711 --lock 90',
      arguments: [
        { name: 'sources', summary: 'own sources, by id or a unique prefix', many: true },
      ],
      options: [
        {
          name: 'lock',
          value: 'DAYS',
          kind: 'number',
          summary: 'days it is locked, 7 to 365; 30 by default',
        },
      ],
    },
    'bond.commit',
    (given) => ({ sources: textsOf(given, 'sources'), lockDays: given['lock'] }),
  ),
  recordCommand(
    {
      words: 'bond fulfil',
      summary: 'end the bond after its lock, so that another may follow',
      example: 'society bond fulfil',
    },
    'bond.fulfil',
    () => ({}),
  ),
  recordCommand(
    {
      words: 'bond abandon',
      summary: 'end the bond; within its lock that halves trust',
      example: 'society bond abandon',
    },
    'bond.abandon',
    () => ({}),
  ),
  {
    words: 'bond list',
    summary: 'the newest bond of every society that has one',
    example: 'society bond list --society sage',
    options: [whose],
    run: bonds,
  },
]

const vouchCommands: readonly Command[] = [
  recordCommand(
    {
      words: 'vouch give',
      summary: 'vouch for a newcomer with watts of one’s own; endorsers sign through their nodes',
      example: 'society vouch give 100 --to leaf --days 30 --endorser oak --endorser elm',
      arguments: [{ name: 'watts', kind: 'amount', summary: 'W of one’s own capacity' }],
      options: [
        { name: 'to', value: 'ID', summary: 'the newcomer', required: true },
        {
          name: 'days',
          value: 'DAYS',
          kind: 'number',
          summary: 'days it runs from its acceptance on; 30 by default',
        },
        {
          name: 'endorser',
          value: 'ID',
          summary: 'who signs for it: the parent, or two partners',
          repeat: true,
        },
      ],
    },
    'vouch.give',
    (given) => ({
      watts: given['watts'],
      to: given['to'],
      days: given['days'],
      endorsers: given['endorser'],
    }),
  ),
  recordCommand(
    {
      words: 'vouch accept',
      summary: 'accept a vouch that was given to this society',
      example: 'society vouch accept 9c41d0',
      arguments: [{ name: 'vouch', summary: 'id of the vouch, or a unique prefix' }],
    },
    'vouch.accept',
    (given) => ({ vouch: given['vouch'] }),
  ),
  {
    words: 'vouch list',
    summary: 'vouches given and accepted, and how they came out',
    example: 'society vouch list --society leaf',
    options: [whose],
    run: vouches,
  },
]

/** Commands about trust, and what is committed for it. */
export const trustCommands: readonly Command[] = [
  {
    words: 'trust',
    summary: 'how far a society is trusted: every term, the paths and the records behind it',
    example: 'society trust leaf',
    arguments: [{ name: 'id', summary: 'society, by id, prefix or name' }],
    options: [{ name: 'by', value: 'ID', summary: 'in whose eyes; our own by default' }],
    run: trust,
  },
  ...bondCommands,
  ...vouchCommands,
]
