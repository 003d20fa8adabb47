import { keyOfDid } from '../../protocol/index.ts'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, makeNode, removeNode, runNode } from '../support/real-node.ts'
import type { RealDirectory } from '../support/real-node.ts'
import type { RunningNode } from '../../node/start.ts'
import { runCli } from './cli-fixture.ts'

let folder: string
let file: string
let lost: RealDirectory
let friend: RealDirectory
let friendly: RunningNode
let written: string

/** Where the documents of the society whose key moves stand, as a node has them. */
const headsOf = (node: RunningNode): ReturnType<RunningNode['replica']['documentHeads']> =>
  node.replica.documentHeads().filter(({ society }) => society === lost.id)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'society-key-'))
  file = join(folder, 'sage.key')
  friend = await makeNode('leaf')
  friendly = await runNode(friend)
  lost = await makeNode('sage', { bootstrap: friendly.network.addresses().slice(0, 1) })
  const running = await runNode(lost)
  await running.replica.write('energy.prove', { source: 'grid:p1:e0047', allocated: 900 })
  const heads = (of: RunningNode): string => JSON.stringify(headsOf(of))
  await eventually('the friend has it', () => heads(friendly) === heads(running))
  written = heads(running)
  await running.close()
}, 60_000)

afterAll(async () => {
  await friendly.close()
  await removeNode(friend)
  await removeNode(lost)
  await rm(folder, { recursive: true, force: true })
})

test('a key is exported as it is, for its owner alone, over nothing that is there', async () => {
  const done = await runCli(['key', 'export', file, '--json', '--dir', lost.directory])
  expect(JSON.parse(done.stdout)).toEqual({ id: lost.id, file, encrypted: false })
  expect(await readFile(file)).toEqual(await readFile(join(lost.directory, 'key.json')))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const again = await runCli(['key', 'export', file, '--json', '--dir', lost.directory])
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'file-refused' } })
  expect(again.code).toBe(1)
})

test('a node of an imported key signs nothing before it is where its society stood', async () => {
  const directory = join(folder, 'sage')
  const flags = ['--federation', 'test-real', '--open', '--no-mdns', '--json']
  const where = [...flags, '--dir', directory]
  const alone = await runCli(['key', 'import', file, '--name', 'sage', ...where])
  expect(JSON.parse(alone.stdout)).toMatchObject({ id: lost.id, directory })
  const propose = (node: RunningNode): Promise<string> =>
    node.replica.write('energy.prove', { source: 'grid:p1:e9', allocated: 1 })
  // With nobody to ask it would begin anew.
  const deaf = await runNode({ directory, id: lost.id })
  await expect(propose(deaf)).rejects.toMatchObject({ code: 'out-of-order' })
  expect(deaf.replica.documentHeads()).toEqual([])
  await deaf.close()
  await rm(directory, { recursive: true })

  const bootstrap = friendly.network.addresses()[0] ?? ''
  await runCli(['key', 'import', file, '--name', 'sage', '--bootstrap', bootstrap, ...where])
  const back = await runNode({ directory, id: lost.id })
  try {
    await eventually('its chains are here', () => headsOf(back).length === 2)
    await eventually('it signs', () =>
      propose(back).then(
        () => true,
        () => false,
      ),
    )
    // What it signed before is a beginning of what it has now: no second past.
    await eventually(
      'its friend has all',
      () => JSON.stringify(headsOf(back)) === JSON.stringify(headsOf(friendly)),
    )
    expect(friendly.replica.society(keyOfDid(lost.id)).standing).toBe('good')
    expect(written).not.toBe(JSON.stringify(headsOf(back)))
  } finally {
    await back.close()
  }
}, 90_000)
