import { beforeAll, expect, test, vi } from 'vitest'
import { chainOf, forgeChange, messageOf } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import type { World } from '../../node/simulate/world.ts'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { silentLog } from '../../node/silent-log.ts'
import {
  actorOf,
  checkpointMessage,
  encodeStatement,
  type ChangeHash,
  type CheckpointStatement,
} from '../../protocol/index.ts'
import { protocols, topicOf } from '../../src/index.ts'
import { contentOf } from '../../src/ledger/content.ts'
import { Forks } from '../../src/ledger/forks.ts'
import { Index } from '../../src/ledger/index-of-facts.ts'
import { encodeJson, keys } from '../../src/ledger/layout.ts'
import {
  checkpointWorld,
  keptFrom,
  keyOf,
  liveDays,
  statesOf,
  witnesses,
} from '../support/checkpoint-world.ts'

const pool = actorOf('pool', keyOf('sage'))
const verifier = createVerifier()
let world: World

beforeAll(async () => {
  world = await checkpointWorld(1, ['w1'], ['keeper'])
  await liveDays(world, 88)
}, 120_000)

/** What a node comes to at the newest place of sage's pool, if it may be so large. */
async function statementBy(name: string, bytesMax?: number): Promise<CheckpointStatement> {
  const store = world.resident(name).disk.open()
  const index = new Index(store, verifier, new Forks(store))
  const pools = [...world.replica(name).states().pools]
  const state = pools.find(({ society }) => society === keyOf('sage'))
  if (state === undefined) throw new TypeError('sage has a pool')
  const { statement } = await contentOf(
    { store, index, log: silentLog, breathe: async () => {} },
    state,
    bytesMax,
  )
  return { ...statement, term: 0 }
}

/** What a witness answers somebody's node: `signed`, or the code of its refusal. */
async function answerOf(statement: CheckpointStatement, from = 'sage', by = 'w2'): Promise<string> {
  const node = world.wires.node(by)
  const answering = node?.ask(from, protocols.checkpoint, encodeStatement(statement))
  const answer = await world.settled(answering ?? Promise.reject(new TypeError(by)))
  if (answer[0] !== 1) return new TextDecoder().decode(answer.slice(1)).split(' ')[0] ?? ''
  const message = checkpointMessage(statement)
  const isSigned = verifier.verify(answer.slice(1), message, signerOf(by).publicKey)
  return isSigned ? 'signed' : 'wrong'
}

test('a node that dropped history comes to the same content as one that did not (H2)', async () => {
  expect(await keptFrom(world, 'w1', pool)).toBeGreaterThan(5)
  expect(await statementBy('w1')).toEqual(await statementBy('w3'))
  expect(await answerOf(await statementBy('w3'), 'sage', 'w1')).toBe('signed')
})

test('a content that is too large is refused by name before all of it is read (H3)', async () => {
  const { size } = await statementBy('w3')
  expect(await statementBy('w3', size)).toMatchObject({ size })
  const facts = vi.spyOn(Index.prototype, 'facts')
  const tooLarge = { code: 'too-large' }
  await expect(statementBy('w3', size - 1)).rejects.toMatchObject(tooLarge)
  const all = facts.mock.calls.length
  facts.mockClear()
  await expect(statementBy('w3', 1_000)).rejects.toMatchObject(tooLarge)
  expect(facts.mock.calls.length).toBeLessThan(all)
  facts.mockRestore()
})

test('a witness signs what it came to itself, for the society alone (H4)', async () => {
  const statement = await statementBy('w3')
  expect(await answerOf(statement)).toBe('signed')
  expect(await answerOf({ ...statement, digest: '0'.repeat(64) })).toBe('not-authorised')
  expect(await answerOf({ ...statement, size: statement.size + 1 })).toBe('not-authorised')
  expect(await answerOf({ ...statement, seq: statement.seq + 1 })).toBe('unknown-reference')
  const hash = '7'.repeat(64) as ChangeHash
  expect(await answerOf({ ...statement, hash })).toBe('equivocation')
  expect(await answerOf({ ...statement, term: 1 })).toBe('not-authorised')
  expect(await answerOf(statement, 'keeper')).toBe('not-authorised')
  expect(await answerOf(statement, 'sage', 'keeper')).toBe('not-authorised')
  expect(await answerOf({ ...statement, actor: actorOf('pool', keyOf('w1')) })).toBe(
    'not-authorised',
  )
})

test('a witness that signed for another past before signs no more (H4)', async () => {
  const statement = await statementBy('w3')
  const store = world.resident('w4').disk.open()
  const value = encodeJson({ seq: statement.seq, hash: '7'.repeat(64) })
  await store.write([{ key: keys.checkpointSigned(pool), value }], { sync: true })
  expect(await answerOf(statement, 'sage', 'w4')).toBe('equivocation')
})

test('a fork before the checkpoint ends the document alike for who dropped it (H9)', async () => {
  const signer = signerOf('sage')
  const changes = await world.replica('keeper').changes('pool', keyOf('sage'))
  const begins = await keptFrom(world, 'w1', pool)
  const chain = chainOf('pool', signer, changes.slice(0, begins - 4))
  const other = new Map([['kind', 'no.kind']])
  const { bytes, signature } = forgeChange(signer, chain, [other], world.clock.now())
  const frame = { actor: pool, changes: [bytes], signature }
  const topic = topicOf('test-world', pool) ?? ''
  void world.wires.node('keeper')?.hear('w3', topic, messageOf(frame))
  await world.advance(86_400_000)
  const ended = statesOf(world, 'keeper').get(pool)
  expect(ended).toContain(`"seq":${begins - 4}`)
  for (const name of ['w1', 'w3'])
    expect([name, statesOf(world, name).get(pool)]).toEqual([name, ended])
  expect(await keptFrom(world, 'w1', pool)).toBe(0)
  const statement = { ...(await statementBy('keeper')), term: 0 }
  for (const name of witnesses) {
    expect(await answerOf(statement, 'sage', name)).toBe('equivocation')
  }
})
