import type { AnswerOf } from '../../client/index.ts'
import { counted } from '../../counted.ts'
import type { Command } from '../command.ts'
import { columns, indented, short, table, toRight } from '../text.ts'

type Kept = AnswerOf<'getCheckpoints'>
type Own = Kept['own'][number]

const bytesOfMegabyte = 1_000_000

function ownWords({ changes, checkpoint, due, tried }: Own): string {
  const all = counted(changes, 'change')
  const newest =
    checkpoint === null
      ? `none of ${all}`
      : `${short(checkpoint.id)} of ${checkpoint.at}, after ${checkpoint.seq} of ${all}`
  const last =
    tried === null
      ? ''
      : `; last asked for ${tried.at}: ${tried.signed} signed, ${tried.needed} must`
  return `${newest}${due ? '; another is due' : ''}${last}`
}

const unsignedOf = ({ own }: Kept): readonly (readonly string[])[] =>
  own.flatMap(({ tried }) =>
    (tried?.unsigned ?? []).map(({ name, society, because }) => [
      'not signed',
      `${name === '' ? short(society) : name}: ${because}`,
    ]),
  )

const nobodySigns = 'none, so nobody signs checkpoints; appoint some with society witnesses appoint'

/** What a node says of its checkpoints and of what it keeps, for people. */
function describeCheckpoints(kept: Kept): string {
  const { keep, witnesses, own, lookedAt, documents, dropped, storeBytes } = kept
  const since = [
    counted(dropped.changes, 'change'),
    counted(dropped.facts, 'fact'),
    counted(dropped.bytes, 'byte'),
  ].join(', ')
  const facts = columns([
    ['keeps', keep === 'all' ? 'all history' : 'a window of history'],
    ['witnesses', witnesses === 0 ? nobodySigns : String(witnesses)],
    ...own.map((each) => [each.kind, ownWords(each)]),
    ...unsignedOf(kept),
    ['store', `${(storeBytes / bytesOfMegabyte).toFixed(1)} MB`],
    ['dropped', `${since} since the node started`],
    ['looked at', lookedAt ?? 'not yet: a minute after the start'],
  ])
  const header = [
    'SOCIETY',
    'DOCUMENT',
    toRight('CHANGES'),
    toRight('DROPPED'),
    'KEPT SINCE',
    toRight('TOO OLD'),
    toRight('WITNESSES'),
  ]
  const rows = documents.map((each) => [
    each.name === '' ? short(each.society) : each.name,
    each.kind,
    String(each.changes),
    String(each.dropped),
    each.keptSince ?? 'the beginning',
    String(each.old),
    String(each.witnesses),
  ])
  return `${facts}\n\n${indented(table(header, rows, 'nothing is known of documents yet'))}`
}

/** Commands about checkpoints and what is kept of history. */
export const checkpointCommands: readonly Command[] = [
  {
    words: 'checkpoints',
    summary: 'checkpoints of this society, and what this node keeps of everybody’s history',
    example: 'society checkpoints --json',
    async run(_given, { client }) {
      const value = await (await client()).call('getCheckpoints')
      return { value, text: describeCheckpoints(value) }
    },
  },
  {
    words: 'checkpoints write',
    summary: 'have the witnesses sign checkpoints now, and drop what may be dropped',
    example: 'society checkpoints write',
    async run(_given, { client, tell }) {
      tell('asking the witnesses ...')
      const value = await (await client()).call('writeCheckpoints')
      return { value, text: describeCheckpoints(value) }
    },
  },
]
