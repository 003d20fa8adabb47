import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningNode } from '../../node/start.ts'
import {
  eventually,
  makeNode,
  removeNode,
  runNode,
  type RealDirectory,
} from '../support/real-node.ts'
import { answerOf, newDirectory, runCli, type Json } from './cli-fixture.ts'

let sage: RealDirectory
let leaf: RealDirectory
const running: RunningNode[] = []
let folder = ''
let file = ''

beforeAll(async () => {
  sage = await makeNode('sage', { adp: '1000' })
  const first = await runNode(sage)
  const bootstrap = [first.network.addresses()[0] ?? '']
  leaf = await makeNode('leaf', { adp: '500', bootstrap })
  const second = await runNode(leaf)
  running.push(first, second)
  const { replica } = first
  await replica.prove({
    source: 'solar:sunspec:acme-0001',
    fields: { rated: 300 },
    measuredAt: Date.now(),
    method: 'test',
    transcript: new TextEncoder().encode('{"exchanges":[]}'),
    simulated: true,
  })
  await replica.write('atp.charge', { amount: 100, source: 'solar:sunspec:acme-0001' })
  const offer = await replica.write('trade.offer', { amount: 60, price: 1 })
  await eventually('leaf knows the offer', () => second.replica.trades().offers.length === 1)
  await second.replica.write('trade.accept', { offer })
  await eventually('leaf has it', () => second.replica.society().atp.available === 60)
  await eventually('sage knows that', () => {
    const { atp } = replica.society(replica.find('leaf'))
    return atp.available === 60
  })
  folder = await newDirectory()
  file = join(folder, 'leaf.backing')
})

afterAll(async () => {
  for (const node of running.toReversed()) await node.close()
  await removeNode(leaf)
  await removeNode(sage)
})

/** Runs a command where there is no node and never was one. */
const offline = (...args: readonly string[]) =>
  runCli(args, { directory: join(folder, 'nothing-here') })

const withoutFile = ({ file: _file, ...view }: Json): Json => view

describe('backing --export', () => {
  it('writes what verify finds again without any node', async () => {
    const told = await answerOf(sage.directory, 'backing', 'leaf', '--export', file)
    expect(told).toMatchObject({ verdict: 'backed', claimed: 60, society: leaf.id })
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    for (const node of running.splice(0).toReversed()) await node.close()
    const { code, stdout, stderr } = await offline('verify', file, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const found: Json = JSON.parse(stdout)
    expect(withoutFile(found)).toEqual(withoutFile(told))
    const asOf = String((found['file'] as Json)['asOf'])
    expect(Date.now() - Date.parse(asOf)).toBeLessThan(120_000)
  })

  it('reads well, with its age and what it cannot tell', async () => {
    const { code, stdout } = await offline('verify', file)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^backed: 60 of 60 ATP proven\n/)
    expect(stdout).toMatch(/^as of {7}\d{4}-[^,]+, .+ ago$/m)
    expect(stdout).toMatch(/^federation {2}test-real \(a test federation\)$/m)
    expect(stdout).toContain('what no file can tell:\n- whatever was signed after 20')
  })
})

describe('verify exits with 1', () => {
  const failing = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout } = await offline('verify', ...args, '--json')
    const { error }: { readonly error: Json } = JSON.parse(stdout)
    return `${code} ${String(error['code'])}`
  }

  it('and the code where a file is damaged, is none, or is not the one asked for', async () => {
    const bytes = await readFile(file)
    bytes[bytes.length >> 1]! ^= 1
    const damaged = join(folder, 'damaged.backing')
    await writeFile(damaged, bytes)
    expect(await failing(damaged)).toBe('1 malformed')
    expect(await failing(folder)).toBe('1 malformed')
    expect(await failing(join(folder, 'missing'))).toBe('1 file-refused')
    expect(await failing(file, '--federation', 'street')).toBe('1 unknown-society')
    expect(await failing(file, '--max-age', '0')).toBe('1 expired')
  })

  it('with the answer where it is intact and not backed', async () => {
    const { code, stdout } = await offline('verify', file, '--json', '--from', sage.id)
    expect({ code, verdict: JSON.parse(stdout).verdict }).toEqual({ code: 0, verdict: 'backed' })
    const stranger = 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH'
    const other = await offline('verify', file, '--json', '--from', stranger)
    expect(other.code).toBe(1)
    expect(JSON.parse(other.stdout)).toMatchObject({ verdict: 'unbacked', claimed: 60 })
    const { code: usage } = await offline('verify', file, '--from', 'sage')
    expect(usage).toBe(2)
  })
})
