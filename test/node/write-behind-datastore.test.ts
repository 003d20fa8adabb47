import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WriteBehindDatastore } from '../../node/network/write-behind-datastore.ts'
import type { Log } from '../../src/index.ts'

type Key = Parameters<WriteBehindDatastore['put']>[0]

const keyOf = (name: string): Key => ({ toString: () => `/peers/${name}` }) as Key
const bytes = (value: number): Uint8Array => Uint8Array.of(value)

let directory = ''
let warnings: string[] = []
let level: Level<string, Uint8Array>
let batches = 0

async function open(): Promise<WriteBehindDatastore> {
  level = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view' })
  level.on('write', () => (batches += 1))
  const nothing = (): void => {}
  const warn = (event: string): void => void warnings.push(event)
  const log: Log = { debug: nothing, info: nothing, warn, error: nothing }
  const datastore = new WriteBehindDatastore(level, log)
  await datastore.open()
  return datastore
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'society-peers-'))
  warnings = []
  batches = 0
})

afterEach(async () => {
  await level.close()
  await rm(directory, { recursive: true })
})

test('what was put is read before it is written, and written together', async () => {
  const datastore = await open()
  for (let value = 0; value < 12; value++) {
    await datastore.put(keyOf('own'), bytes(value))
    expect([...(await datastore.get(keyOf('own')))]).toEqual([value])
  }
  await datastore.put(keyOf('other'), bytes(50))
  expect(await datastore.has(keyOf('other'))).toBe(true)
  expect(batches).toBe(0)
  await datastore.close()
  expect(batches).toBe(1)
  const again = await open()
  expect([...(await again.get(keyOf('own')))]).toEqual([11])
  expect([...(await again.get(keyOf('other')))]).toEqual([50])
  expect(await again.has(keyOf('nobody'))).toBe(false)
  await expect(again.get(keyOf('nobody'))).rejects.toMatchObject({ name: 'NotFoundError' })
})

test('what is deleted is gone, and all that is there is found', async () => {
  const datastore = await open()
  await datastore.put(keyOf('gone'), bytes(1))
  await datastore.put(keyOf('kept'), bytes(2))
  await datastore.delete(keyOf('gone'))
  await datastore.put(keyOf('new'), bytes(3))
  const found: [string, Uint8Array][] = []
  for await (const { key, value } of datastore.query({ prefix: '/peers/' })) {
    found.push([key.toString(), value])
  }
  expect(found.map(([key, [value]]) => `${key} ${value}`)).toEqual([
    '/peers/kept 2',
    '/peers/new 3',
  ])
  expect(await datastore.has(keyOf('gone'))).toBe(false)
})

test('it is written by itself, and what cannot be is logged and forgotten', async () => {
  const datastore = await open()
  await datastore.put(keyOf('soon'), bytes(1))
  await new Promise((resolve) => level.once('write', resolve))
  expect([...((await level.get('/peers/soon')) ?? [])]).toEqual([1])
  await datastore.put(keyOf('never'), bytes(2))
  await level.close()
  await datastore.close()
  expect(warnings).toEqual(['peers-not-written'])
})
