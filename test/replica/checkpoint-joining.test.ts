import { beforeAll, expect, test } from 'vitest'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import type { World } from '../../node/simulate/world.ts'
import {
  actorOf,
  checkpointMessage,
  contentDigest,
  decodeSyncRequest,
  decodeSyncResponse,
  didOf,
  encodeSyncResponse,
  type Checkpoint,
  type SyncResponse,
} from '../../protocol/index.ts'
import { protocols } from '../../src/index.ts'
import {
  checkpointWorld,
  join,
  keptFrom,
  keyOf,
  liveDays,
  statesOf,
  witnesses,
} from '../support/checkpoint-world.ts'

const pool = actorOf('pool', keyOf('sage'))
const trust = actorOf('trust', keyOf('sage'))
const windows = ['sage', ...witnesses]

type Part = Extract<SyncResponse, { type: 'checkpoint' }>

const all = ['keeper', ...windows]
/** They take over from the witnesses of the founding record, among them one that sees all. */
const successors = ['w1', 'w2', 'w3', 'keeper']
const didOfName = (name: string): string => didOf(keyOf(name))
const newcomers = Array.from({ length: 12 }, (_, nth) => `late${nth}`)
let world: World

// Months in which all but one keep a window: what they come to is asked for by every test.
beforeAll(async () => {
  world = await checkpointWorld(1, [...windows, ...newcomers], ['keeper'])
  await liveDays(world, 11)
  const amending = world
    .replica('sage')
    .write('society.amend', { witnesses: successors.map(didOfName) })
  await world.settled(amending)
  await liveDays(world, 88)
}, 120_000)

/** Has a newcomer join that reaches some nodes alone. */
async function joinBy(name: string, reachable: readonly string[]): Promise<void> {
  world.wires.partition([[...reachable, name], all.filter((each) => !reachable.includes(each))])
  await join(world, name)
}

/** Ends a test: the newcomer is gone and all are together again. */
async function leave(name: string): Promise<void> {
  await world.stop(name)
  world.wires.heal()
  await world.quiet()
}

test('a newcomer joins from a checkpoint and has the states of who has seen all (H7)', async () => {
  await joinBy('late0', windows)
  await world.advance(3_600_000)
  expect(await keptFrom(world, 'late0', pool)).toBeGreaterThan(5)
  expect(await keptFrom(world, 'late0', trust)).toBeGreaterThan(5)
  expect(await keptFrom(world, 'keeper', pool)).toBe(0)
  world.wires.heal()
  await liveDays(world, 22)
  expect(statesOf(world, 'late0')).toEqual(statesOf(world, 'keeper'))
  expect(statesOf(world, 'late0').get(pool)).toContain('"lots"')
  await leave('late0')
})

test('a newcomer starts again from what it took over (H6)', async () => {
  await joinBy('late1', windows)
  await world.advance(3_600_000)
  const before = statesOf(world, 'late1')
  await world.stop('late1')
  // Without its snapshots all is folded again from the checkpoint on.
  const store = world.resident('late1').disk.open()
  const snapshots: string[] = []
  for await (const [key] of store.range({ gte: 'n/', lt: 'n0' })) snapshots.push(key)
  await store.write(
    snapshots.map((key) => ({ key })),
    { sync: true },
  )
  await world.start('late1')
  expect(snapshots.length).toBeGreaterThan(3)
  expect(statesOf(world, 'late1').get(pool)).toBe(before.get(pool))
  await leave('late1')
})

test('who keeps all history takes it from who has it (H8)', async () => {
  await joinBy('whole', all)
  await world.advance(86_400_000)
  expect(await keptFrom(world, 'whole', pool)).toBe(0)
  expect(statesOf(world, 'whole').get(pool)).toBe(statesOf(world, 'keeper').get(pool))
  await leave('whole')
})

test('who keeps all history does with a checkpoint where nobody has it (H7)', async () => {
  await joinBy('patient', windows)
  expect(await keptFrom(world, 'patient', pool)).toBe(0)
  await world.advance(86_400_000)
  expect(await keptFrom(world, 'patient', pool)).toBeGreaterThan(5)
  await leave('patient')
})

/** Has w1 answer about checkpoints what `alter` makes of it. */
function lie(alter: (part: Part, at: number) => Part): () => void {
  const network = world.wires.node('w1')
  let isLying = true
  const honest = (body: Uint8Array) => world.wires.node('w2')?.ask('w1', protocols.sync, body)
  network?.serve(protocols.sync, async (_peer, body) => {
    const answer = (await honest(body)) ?? new Uint8Array()
    const asked = decodeSyncRequest(body)
    const read = decodeSyncResponse(answer)
    if (!isLying || !asked.ok || !read.ok || read.value.type !== 'checkpoint') return answer
    const at = asked.value.type === 'checkpoint' ? asked.value.part : 0
    return encodeSyncResponse(alter(read.value, at))
  })
  return () => {
    isLying = false
  }
}

/** What a node blames its peers for from now on. */
function blamedBy(name: string): readonly string[] {
  const codes: string[] = []
  const node = world.wires.node(name)
  if (node !== undefined) node.penalise = (_peer?: string, code?: string) => codes.push(code ?? '')
  return codes
}

const signed = (checkpoint: Checkpoint, names: readonly string[]): Checkpoint => ({
  ...checkpoint,
  signatures: names
    .map((name) => ({
      witness: keyOf(name),
      signature: signerOf(name).sign(checkpointMessage(checkpoint)),
    }))
    .toSorted((a, b) => (a.witness < b.witness ? -1 : 1)),
})

/** A state that could be, of work that failed more often: only its digest tells. */
const altered = (bytes: Uint8Array): Uint8Array => {
  const text = new TextDecoder().decode(bytes)
  const more = (_all: string, digit: string): string => `"failed":${(Number(digit) % 9) + 1}`
  return new TextEncoder().encode(text.replace(/"failed":(\d)/, more))
}

type Lie = readonly [what: string, code: string | null, alter: (checkpoint: Part) => Part]

const of = (part: Part, change: (checkpoint: Checkpoint) => Checkpoint): Part =>
  part.checkpoint === null ? part : { ...part, checkpoint: change(part.checkpoint) }

const lies: readonly Lie[] = [
  ['an altered state', 'malformed', (part) => ({ ...part, bytes: altered(part.bytes) })],
  ['a part cut short', 'malformed', (part) => ({ ...part, bytes: part.bytes.slice(1) })],
  [
    'one signature too few',
    'bad-signature',
    (part) => of(part, (each) => signed(each, ['w1', 'w2'])),
  ],
  [
    'signatures of others than the witnesses',
    'bad-signature',
    (part) => of(part, (each) => signed(each, ['w1', 'w2', 'w4', 'sage'])),
  ],
  [
    'a digest that nobody signed',
    'bad-signature',
    (part) => {
      const bytes = altered(part.bytes)
      return of({ ...part, bytes }, (each) => ({ ...each, digest: contentDigest(bytes) }))
    },
  ],
  [
    'a checkpoint of another document',
    'wrong-author',
    (part) => of(part, (each) => ({ ...each, actor: actorOf('trust', keyOf('sage')) })),
  ],
  [
    'what is no state, whoever signed it',
    'malformed',
    (part) => {
      const bytes = new TextEncoder().encode('null')
      const terms = { size: bytes.length, digest: contentDigest(bytes) }
      return of({ ...part, bytes }, (each) => signed({ ...each, ...terms }, successors))
    },
  ],
  [
    'a place of another past',
    null,
    (part) =>
      of(part, (each) =>
        signed({ ...each, hash: '77'.repeat(32) as Checkpoint['hash'] }, successors),
      ),
  ],
]

test.each(lies)('%s is refused (H3, H7)', async (what, code, alter) => {
  const name = `late${2 + lies.findIndex(([each]) => each === what)}`
  let asked = 0
  const tellTruth = lie((part) => {
    asked += 1
    return alter(part)
  })
  await joinBy(name, ['w1'])
  const codes = blamedBy(name)
  await world.advance(10_000)
  expect(asked).toBeGreaterThan(0)
  expect(await keptFrom(world, name, pool)).toBe(0)
  expect(new Set(codes)).toEqual(new Set(code === null ? [] : [code]))
  expect(world.replica(name).health().broken).toBeNull()
  // The same is taken where nobody lies.
  tellTruth()
  await world.advance(7_200_000)
  expect(await keptFrom(world, name, pool)).toBeGreaterThan(5)
  await leave(name)
})
