import { expect, test } from 'vitest'
import {
  actorOf,
  readContent,
  type CheckpointContent,
  type DocumentKind,
} from '../../protocol/index.ts'
import { contentOfWorld } from '../support/content-of-world.ts'
import { contentText, ran } from '../support/in-pieces.ts'
import { adopted, charged, foundedWorld } from '../support/ledger-society.ts'
import { keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta] = [keyNamed('anna'), keyNamed('berta')]
const day = 86_400_000

function contentOf(world: LedgerWorld, kind: DocumentKind): CheckpointContent {
  return contentOfWorld(world, kind, anna)
}

/** Anna lends, sells, works and fails at something. */
function livedWorld(): LedgerWorld {
  const world = foundedWorld([anna, berta])
  const admission = adopted(world, anna, berta)
  charged(world, anna, 100_000, day)
  world.valid(anna, 'allocation.grant', { to: berta, amount: 1_000, admission })
  world.valid(anna, 'work.allocate', { amount: 2_000, worker: berta, deadline: day })
  const offer = world.valid(anna, 'trade.offer', { amount: 3_000, price: 1_000, expires: day })
  world.valid(berta, 'trade.accept', { offer, amount: 500 })
  world.put(anna, 'allocation.take', { grant: offer, return: undefined })
  return world
}

const world = livedWorld()
const text = (kind: DocumentKind): string => contentText(contentOf(world, kind))
const read = (content: string, kind: DocumentKind): CheckpointContent | undefined =>
  ran(readContent(new TextEncoder().encode(content), actorOf(kind, anna))).value

test('what a document came to is read back as it was (H2)', () => {
  for (const kind of ['pool', 'trust'] as const) {
    expect(read(text(kind), kind)).toEqual(contentOf(world, kind))
  }
  expect(text('pool')).toContain('"voids":{"0":"unknown-reference"}')
})

const otherKey = new RegExp(`"society":"${anna}"`)

test.each<[what: string, kind: DocumentKind, from: string | RegExp, to: string]>([
  ['no JSON', 'pool', /^\{/, ''],
  ['nothing', 'pool', /^.*$/s, 'null'],
  ['nested beyond all reason', 'pool', /^.*$/s, '['.repeat(200_000)],
  ['a map of no pairs', 'pool', /"tickets":\{"\$map":\[/, '"tickets":{"$map":[7,'],
  ['another spelling', 'trust', /^\{/, '{ '],
  ['the state of another society', 'pool', otherKey, `"society":"${berta}"`],
  ['the state of another society', 'trust', otherKey, `"society":"${berta}"`],
  ['another document', 'pool', /"document":"pool/, '"document":"trust'],
  ['the chain of another actor', 'pool', `"actor":"${anna}01"`, `"actor":"${berta}01"`],
  ['a field too few', 'pool', /"wasted":0,?/, ''],
  ['a field too many', 'pool', '"wasted":0', '"wanted":0,"wasted":0'],
  ['less than nothing', 'pool', '"wasted":0', '"wasted":-1'],
  ['a part of a milli-unit', 'pool', '"wasted":0', '"wasted":0.5'],
  ['an instant that cannot be shown', 'pool', /"chargedAt":\d+/, '"chargedAt":8640000000000001'],
  ['a thing that never ends', 'pool', '"type":"lot"', '"type":"lotus"'],
  ['more than the society has', 'pool', '"pool":9900000', '"pool":9900001'],
  ['a ticket that nothing is reserved for', 'pool', /"amount":2000,"lot"/, '"amount":1999,"lot"'],
  [
    'an offer of what is not in escrow',
    'pool',
    '"shares":[{"amount":3000',
    '"shares":[{"amount":2999',
  ],
  ['a grant of what is not lent', 'pool', '"amounts":[1000]', '"amounts":[999]'],
  ['a record of no such kind', 'pool', '"kinds":["trade.offer"]', '"kinds":["trade.offered"]'],
  ['a record of the other document', 'pool', '"kinds":["trade.offer"]', '"kinds":["bond.commit"]'],
  ['a grant that came to nothing', 'pool', '"type":"grant"', '"type":"take"'],
  ['a code that there is not', 'pool', '"0":"unknown-reference"', '"0":"unknown"'],
  ['a void record that is none', 'pool', '"voids":{"0":"unknown-reference"}', '"voids":{}'],
  ['changes out of order', 'pool', /"seq":2,/, '"seq":3,'],
  ['a lot that expires and is not due', 'pool', /"due":\[.*?\]/, '"due":[]'],
  ['what is due out of order', 'pool', /("due":\[)(\{[^}]*\}),(\{[^}]*\})/, '$1$3,$2'],
  [
    'an offer that outlives its lots',
    'pool',
    /("expiresAt":)(\d+)(,"id":"[^"]*","price")/,
    '$199$2$3',
  ],
  ['a place that is not its last change', 'pool', /("chain":\{[^}]*"seq":)6/, '$17'],
  ['another time than its last change', 'trust', /("time":)(\d+)\}\}$/, '$11$2}}'],
  ['a slice of nothing', 'pool', '"amount":1000,"batch"', '"amount":0,"batch"'],
  ['a source that is none', 'trust', '"id":"solar:test:roof"', '"id":"solar:test:none"'],
  ['a policy beyond its limits', 'trust', /"acceptFinality":1/, '"acceptFinality":2'],
])('%s is no content (H7)', (_, kind, from, to) => {
  const altered = text(kind).replace(from, to)
  expect(altered).not.toBe(text(kind))
  expect(read(altered, kind)).toBeUndefined()
})
