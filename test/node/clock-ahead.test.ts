import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { clientOf } from '../../node/cli/client.ts'
import { makeNode, removeNode, runNode, type RealDirectory } from '../support/real-node.ts'
import { failureOf } from './store-fixture.ts'

const hourSeconds = 3_600

const made: RealDirectory[] = []
afterEach(async () => {
  for (const directory of made.splice(0)) await removeNode(directory)
})

async function nodeWith(sections: object): Promise<RealDirectory> {
  const directory = await makeNode('sage', { sections })
  made.push(directory)
  return directory
}

test('a node of a test federation goes by a clock that is set ahead, and says so', async () => {
  const directory = await nodeWith({ clock: { aheadSeconds: hourSeconds } })
  const node = await runNode(directory)
  try {
    const client = await clientOf(directory.directory)
    const { aheadSeconds, time, state } = await client.call('getClock')
    expect({ aheadSeconds, state }).toEqual({ aheadSeconds: hourSeconds, state: 'right' })
    const [founded] = await client.call('listRecords', { query: { kind: 'society.found' } })
    for (const at of [time, founded?.time ?? '']) {
      expect(Math.abs(Date.parse(at) - Date.now() - hourSeconds * 1_000)).toBeLessThan(30_000)
    }
  } finally {
    await node.close()
  }
})

test('what its founding record says counts, not what its configuration says later', async () => {
  const directory = await nodeWith({ federation: 'home', policy: {} })
  await (await runNode(directory)).close()
  const path = join(directory.directory, 'config.yaml')
  const config: object = JSON.parse(await readFile(path, 'utf8'))
  const changed = { ...config, federation: 'test-home', clock: { aheadSeconds: 1 } }
  await writeFile(path, JSON.stringify(changed))
  const failure = await failureOf(runNode(directory))
  expect([failure.code, failure.message]).toEqual([
    'malformed',
    'clock.aheadSeconds is for federations named test-... alone; this society is of home',
  ])
})
