import { textOf, type Answer, type Command, type CommandContext, type Given } from '../command.ts'
import { columns, table, toRight, span, unit } from '../text.ts'

/** Of what is overdue the next attempt counts; both are ISO 8601 in UTC. */
const laterOf = (due: string, next: string): string => (due > next ? due : next)

async function sources(_given: Given, { client }: CommandContext): Promise<Answer> {
  const value = await (await client()).call('listSources')
  const rows = value.map(({ id, capacity, occupied, assurance, state, staleAt, renewal }) => [
    id,
    unit(capacity, 'W'),
    unit(occupied, 'W'),
    String(assurance),
    state,
    staleAt,
    renewal === null ? 'by hand' : laterOf(renewal.renewal, renewal.nextLook),
    renewal?.failure?.message ?? '',
  ])
  const header = [
    'SOURCE',
    toRight('CAPACITY'),
    toRight('OCCUPIED'),
    toRight('LEVEL'),
    'STATE',
    'STALE AT',
    'MEASURED AGAIN',
  ]
  return { value, text: table([...header, 'LAST FAILURE'], rows, 'no sources') }
}

const offset = (ms: number | null): string => (ms === null ? 'not known' : `${ms.toFixed(0)} ms`)

async function clock(_given: Given, { client }: CommandContext): Promise<Answer> {
  const value = await (await client()).call('getClock')
  const { state, message, time, aheadSeconds, highestSeen, peersOffsetMs, peers, serversOffsetMs } =
    value
  const text = columns([
    ['clock', message === null ? state : `${state}: ${message}`],
    ['time', aheadSeconds === 0 ? time : `${time}, set ${span(aheadSeconds * 1000)} ahead`],
    ['highest seen', `${highestSeen}; nothing is signed before it`],
    ['others are ahead by', `${offset(peersOffsetMs)}, the median of ${peers.length} societies`],
    ...peers.map(({ society, offsetMs }) => ['', `${society} ${offset(offsetMs)}`]),
    ['time servers by', offset(serversOffsetMs)],
    ...value.servers.map(({ server, offsetMs, failure }) => [
      '',
      `${server} ${failure ?? offset(offsetMs)}`,
    ]),
  ])
  return { value, text }
}

/** Commands about this society's sources, and the clock that dates them. */
export const sourceCommands: readonly Command[] = [
  {
    words: 'sources',
    summary: 'this society’s sources, until when they are proven, and when they are measured again',
    example: 'society sources',
    run: sources,
  },
  {
    words: 'retire',
    summary: 'claim a source no more',
    example: 'society retire solar:sunspec:acme-1',
    arguments: [{ name: 'source', summary: 'source, by id or a unique prefix' }],
    async run(given, { client }) {
      const source = textOf(given, 'source')
      const value = await (await client()).write('energy.retire', { source })
      return { value, text: value.id }
    },
  },
  {
    words: 'clock',
    summary: 'how this machine’s clock stands beside those of others',
    example: 'society clock',
    run: clock,
  },
]
