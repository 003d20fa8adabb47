import { readFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { protocols } from '../../src/protocols.ts'

const root = join(import.meta.dirname, '../..')
const ids: readonly string[] = Object.values(protocols)

test('no two things that nodes ask each other share a protocol id', () => {
  expect(ids.length).toBeGreaterThan(4)
  expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted())
  for (const id of ids) expect(id).toMatch(/^\/society\/[a-z]+\/1$/)
})

test('protocol ids are written in one place, topics aside', async () => {
  const files = globSync('{protocol,src,node}/**/*.ts', { cwd: root })
  expect(files.length).toBeGreaterThan(100)
  const found: string[] = []
  for (const file of files) {
    const text = await readFile(join(root, file), 'utf8')
    const literals = text.match(/['"]\/society\/(?!1\/)/g) ?? []
    if (literals.length > 0) found.push(file)
  }
  expect(found).toEqual([join('src', 'protocols.ts')])
})

test('the specification tells of every one of them (R71)', async () => {
  const parts = globSync('protocol/README-*.md', { cwd: root })
  const texts = await Promise.all(parts.map((part) => readFile(join(root, part), 'utf8')))
  const told = texts.join('\n')
  expect(ids.filter((id) => !told.includes(`\`${id}\``))).toEqual([])
})
