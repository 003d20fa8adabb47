import { afterEach, expect, test } from 'vitest'
import { DocumentsThread } from '../../node/documents/documents-thread.ts'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { documentName, type DocumentKind } from '../../protocol/index.ts'
import { buildDocument, Failure, readDocument } from '../../src/index.ts'
import { actorOf } from '../../protocol/index.ts'
import { framesFrom } from '../../src/ledger/serve.ts'
import { silentLog } from '../../node/silent-log.ts'

const names = ['sage', 'leaf', 'oak'] as const
const thread = new DocumentsThread()
afterEach(() => thread.close())

async function family(): Promise<World> {
  const world = new World({
    startMs: Date.parse('2026-06-21T12:00:00Z'),
    seed: 3,
    verifier: createVerifier(),
    log: silentLog,
    localSigners: new Map(),
  })
  for (const name of names) {
    const policy = { admission: 'open' }
    const founding = { name, federation: 'test-documents', adp: 100, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  await world.settled(world.replica('leaf').write('citizenship.apply', { parent: 'sage' }))
  await world.settled(world.replica('sage').write('citizenship.admit', { child: 'leaf' }))
  return world
}

async function changesOf(world: World, name: string, kind: DocumentKind): Promise<Uint8Array[]> {
  const { key, disk } = world.resident(name)
  const frames = await framesFrom(disk.open(), actorOf(kind, key), 1, 1e9)
  return frames.flatMap((frame) => [...frame.changes])
}

test('the trust graph merges the members’ trust documents, in any order (R2, R15)', async () => {
  const world = await family()
  const graphs = await Promise.all(names.map((name) => world.replica(name).trustGraph()))
  expect(new Set(graphs).size).toBe(1)
  const lists = await Promise.all(names.map((name) => changesOf(world, name, 'trust')))
  const orders = [lists, lists.toReversed(), [lists[1], lists[2], lists[0]]] as Uint8Array[][][]
  const heads = orders.map((order) => buildDocument(order.flat()).heads)
  for (const other of heads) expect(other).toEqual(heads[0])
  expect(heads[0]).toHaveLength(names.length)
  const graph = JSON.parse(graphs[0] as string) as Record<string, Record<string, object>>
  for (const name of names) {
    const { key } = world.resident(name)
    const records = graph[documentName('trust', key)]?.['0'] as Record<string, { kind: string }>
    expect(records['0']).toMatchObject({
      kind: 'society.found',
      name,
      federation: 'test-documents',
    })
  }
})

test('what is told often of where documents stand follows every change', async () => {
  const world = await family()
  const sage = world.replica('sage')
  expect(sage.heads()).toEqual(sage.documentHeads())
  const before = JSON.stringify(sage.heads())
  await world.settled(sage.write('energy.prove', { source: 'wind:test:w1', rated: 1 }))
  expect(JSON.stringify(sage.heads())).not.toBe(before)
  expect(sage.heads()).toEqual(sage.documentHeads())
})

test('a document built in a thread is the one built here', async () => {
  const world = await family()
  const changes = await changesOf(world, 'sage', 'pool')
  expect(await thread.build(changes)).toEqual(buildDocument(changes))
  expect(await thread.read(changes)).toBe(readDocument(changes))
})

test('a thread that met an error is replaced', async () => {
  const world = await family()
  const changes = await changesOf(world, 'sage', 'pool')
  await expect(thread.build([new Uint8Array(40)])).rejects.toThrow(Failure)
  expect(await thread.build(changes)).toEqual(buildDocument(changes))
})
