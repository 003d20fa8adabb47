import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { Failure } from '../../src/index.ts'
import { MemoryHub } from '../support/memory-network.ts'
import {
  foundSociety,
  measuredSource,
  measurementOf,
  serve,
  until,
  type Society,
} from './api-fixture.ts'
import {
  answerOf,
  directoryOf,
  failureOf,
  newDirectory,
  outcomeOf,
  runCli,
  startCli,
} from './cli-fixture.ts'

let sage: Society
let leaf: Society
const apis: Api[] = []
let atSage: string
let atLeaf: string
let measure = async (): Promise<ReturnType<typeof measurementOf>> => measurementOf()

beforeAll(async () => {
  const hub = new MemoryHub()
  sage = await foundSociety(hub, 'sage', '1000')
  leaf = await foundSociety(hub, 'leaf', '500')
  for (const society of [sage, leaf]) {
    apis.push(await serve(society, { measure: () => measure() }))
  }
  const directories = await Promise.all(apis.map((api) => directoryOf(api)))
  atSage = directories[0] ?? ''
  atLeaf = directories[1] ?? ''
  await until('each has the documents of both', () =>
    [sage, leaf].every(({ replica }) => replica.documentHeads().length === 4),
  )
})

afterAll(async () => {
  for (const api of apis) await api.close()
  await sage.replica.stop()
  await leaf.replica.stop()
})

const idOf = ({ replica }: Society): string => replica.society().id
const solar = ['prove', 'solar', '--sunspec', '127.0.0.1:502', '--site', '-48.2,16.4']

/** Runs a command until it is done: what it builds on may still be on its way. */
async function eventually(directory: string, ...args: readonly string[]): Promise<string> {
  let id = ''
  await until(args.join(' '), async () => {
    const { code, stdout } = await runCli([...args, '--json'], { directory })
    if (code === 0) id = String(JSON.parse(stdout).id)
    return code === 0
  })
  return id
}

async function written(directory: string, ...args: readonly string[]): Promise<string> {
  return String((await answerOf(directory, ...args))['id'])
}

describe('what is asked', () => {
  it('status: the view as the API has it', async () => {
    const status = await answerOf(atSage, 'status')
    expect(status).toMatchObject({ id: idOf(sage), api: apis[0]?.url, peers: 1 })
    expect(await answerOf(atSage, 'status', 'leaf')).toMatchObject({ id: idOf(leaf) })
    const { stdout } = await runCli(['status'], { directory: atSage })
    expect(stdout).toMatch(/^society +sage$/m)
    expect(stdout).toMatch(/^ADP +1000 in the pool/m)
    expect(stdout).toMatch(/^node +http:\/\/127\.0\.0\.1:\d+, version 0\.0\.0-test/m)
    expect(stdout).toMatch(/^ {2}leaf\/pool +\d+ {2}[0-9a-f]{12} {2}[0-9a-f]{12}$/m)
  })

  it('peers, members, trades, tickets, events, backing', async () => {
    expect(await answerOf(atSage, 'peers')).toMatchObject([{ name: 'leaf' }, { peer: 'absent' }])
    const members = [{ name: 'leaf' }, { name: 'sage' }]
    expect(await answerOf(atSage, 'federation', 'members')).toMatchObject({ members })
    expect(await answerOf(atSage, 'trade', 'list')).toEqual({ offers: [], acceptances: [] })
    expect(await answerOf(atSage, 'work', 'list')).toEqual([])
    const events = await answerOf(atSage, 'log')
    expect(events).toMatchObject({ 0: { id: 1, type: 'record', data: { kind: 'society.found' } } })
    expect(await answerOf(atSage, 'backing', 'sage')).toMatchObject({ verdict: 'unbacked' })
  })

  it.each([
    ['peers', /^SOCIETY +STANDING +CONNECTION +LATENCY +PEER +LAST FAILURE\nleaf +member/],
    ['federation members', /^SOCIETY +STANDING +ID\nleaf +member +did:key:z/],
    ['trade list', /^nothing on offer\n$/],
    ['work list', /^no tickets\n$/],
    ['log', /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}record +id=[0-9a-f]{12} society=did:key:/],
    ['backing sage', /^unbacked: 0 of 0 ATP proven\n$/],
  ])('%s reads well', async (line, form) => {
    const { code, stdout, stderr } = await runCli(line.split(' '), { directory: atSage })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(form)
  })
})

describe('the story of a charge', () => {
  it('measures without signing', async () => {
    const { code, stdout } = await runCli([...solar, '--dry-run', '--json'], { directory: atSage })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\{"source":"solar:sunspec:[^"]+","capacity":285,"rated":300,/)
    expect(sage.replica.society().energy.sources).toEqual({})
    const { stdout: shown } = await runCli([...solar, '--dry-run'], { directory: atSage })
    expect(shown).toMatch(/^capacity +285 W$/m)
    expect(shown).toMatch(/^rated +300 W$/m)
    expect(shown).toMatch(/^assurance +1$/m)
  })

  it('proves, charges, works and confirms', async () => {
    expect(await answerOf(atSage, ...solar)).toMatchObject({ source: measuredSource })
    await written(atSage, 'charge', '200', '--source', measuredSource, '--lifetime', '2')
    expect(sage.replica.society()).toMatchObject({ atp: { available: 200 }, adp: { pool: 800 } })
    const allocate = ['work', 'allocate', '50', '--worker', 'leaf', '--description', 'index it']
    const ticket = await written(atSage, ...allocate)
    const short = ticket.slice(0, 12)
    const complete = ['work', 'complete', short, '--quality', '0.9', '--beneficiary', 'leaf']
    expect(await failureOf(atSage, ...complete)).toBe('1 not-authorised')
    await until('leaf knows the ticket', async () => {
      const { stdout } = await runCli(['work', 'list', '--society', 'sage'], { directory: atLeaf })
      return stdout.includes(short)
    })
    const confirm = ['work', 'confirm', short, '--quality', '0.9']
    expect(await answerOf(atLeaf, ...confirm)).toEqual({ ticket })
    await written(atSage, ...complete)
    const failing = await written(atSage, 'work', 'allocate', '5', '--worker', 'leaf')
    await written(atSage, 'work', 'fail', failing, '--reason', 'disk full')
    expect(await answerOf(atSage, 'work', 'list')).toMatchObject([
      { id: ticket, state: 'completed' },
      { id: failing, state: 'failed' },
    ])
  })

  it('lends to a child', async () => {
    await written(atLeaf, 'citizen', 'apply', 'sage')
    await eventually(atSage, 'citizen', 'admit', 'leaf')
    const grant = await written(atSage, 'grant', '30', '--to', 'leaf')
    await until('leaf has it', () => leaf.replica.society().atp.borrowed === 30)
    await written(atSage, 'revoke', grant.slice(0, 10))
    await until('it is back', () => sage.replica.society().atp.lent === 0)
    await written(atLeaf, 'citizen', 'leave')
    const request = ['request', '5', '--to', 'sage', '--urgency', '0.8']
    await written(atLeaf, ...request, '--description', 'index')
    expect(await failureOf(atSage, 'federation', 'admit', 'nobody')).toBe('1 unknown-reference')
  })

  it('trades', async () => {
    const offer = await written(atSage, 'trade', 'offer', '20', '--price', '1.5', '--to', 'leaf')
    await eventually(atLeaf, 'trade', 'accept', offer.slice(0, 8), '--amount', '20')
    await until('leaf has bought it', () => leaf.replica.society().atp.available === 20)
    expect(await failureOf(atSage, 'trade', 'settle', offer)).toMatch(/^1 /)
    expect(await failureOf(atSage, 'trade', 'decline', 'abc')).toBe('1 unknown-reference')
    const second = await written(atSage, 'trade', 'offer', '10')
    const { stdout: listed } = await runCli(['trade', 'list'], { directory: atSage })
    expect(listed).toMatch(/^my offer {2}[0-9a-f]{12} {2}10 ATP {2}1 ADP each {2}sage$/m)
    await written(atSage, 'trade', 'cancel', second.slice(0, 12))
    expect(await answerOf(atSage, 'trade', 'list')).toEqual({ offers: [], acceptances: [] })
    const backing = await answerOf(atLeaf, 'backing', 'leaf')
    expect(backing).toMatchObject({ verdict: 'backed', claimed: 20, proven: 20 })
    const { stdout } = await runCli(['backing', 'leaf'], { directory: atLeaf })
    expect(stdout).toContain(`20 ATP  ${measuredSource} (simulated)`)
  })
})

describe('refusals', () => {
  it('carry the code of the rule, to programs and to people', async () => {
    const args = ['charge', '9999', '--source', measuredSource]
    expect(await failureOf(atSage, ...args)).toBe('1 insufficient-adp')
    const { code, stdout, stderr } = await runCli(args, { directory: atSage })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^society: insufficient-adp: .+\nCharge or pay less: .+\n$/)
  })

  it('of a device come through', async () => {
    measure = () => Promise.reject(new Failure('source-nonsense', 'no inverter speaks like this'))
    expect(await failureOf(atSage, ...solar)).toBe('1 source-nonsense')
    const { stderr } = await runCli(solar, { directory: atSage })
    expect(stderr).toBe('society: source-nonsense: no inverter speaks like this\n')
    measure = () => Promise.reject(new TypeError('a bug'))
    expect(await failureOf(atSage, ...solar)).toBe('1 internal')
    measure = async () => measurementOf()
  })

  it('of a wrong token name the token', async () => {
    const directory = await directoryOf({ url: apis[0]?.url ?? '' }, 'cd'.repeat(32))
    expect(await failureOf(directory, 'status')).toBe('1 not-authorised')
  })
})

describe('log -f', () => {
  const happen = (number: number): void => {
    sage.replica.events.emit('test', Date.UTC(2026, 5, 21), { number })
  }

  it('follows over a restart of the API, and ends as one JSON value', async () => {
    const first = await serve(sage, { startedAt: 1 })
    const directory = await directoryOf(first)
    const child = startCli(['log', '-f', '--json'], { directory })
    const outcome = outcomeOf(child)
    let said = ''
    child.stdout?.on('data', (chunk: string) => (said += chunk))
    await until('the past', () => said.includes('society.found'))
    happen(1)
    await until('what happens', () => said.includes('"number":1'))
    await first.close()
    happen(2)
    const second = await serve(sage, { startedAt: 1 })
    apis.push(second)
    await writeFile(join(directory, 'api'), `${second.url}\n`)
    await until('what happened meanwhile', () => said.includes('"number":2'))
    happen(3)
    await until('what happens now', () => said.includes('"number":3'))
    child.kill('SIGINT')
    const { code, stdout, stderr } = await outcome
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const events: { readonly id: number }[] = JSON.parse(stdout)
    expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1))
  })

  it('prints a line for each event to people', async () => {
    const child = startCli(['log', '--follow'], { directory: atSage })
    const outcome = outcomeOf(child)
    let said = ''
    child.stdout?.on('data', (chunk: string) => (said += chunk))
    await until('the past', () => said.includes('society.found'))
    child.kill('SIGTERM')
    expect(await outcome).toMatchObject({ code: 0, stderr: '' })
    expect(said).toMatch(/^\d{4}-[^\n]+ record /)
  })
})

describe('stop', () => {
  it('tells the node, and waits until its directory is free', async () => {
    const told = Promise.withResolvers<void>()
    const api = await serve(sage, { onStop: told.resolve })
    const directory = await directoryOf(api)
    const lock = await lockDirectory(directory)
    const child = startCli(['stop', '--json'], { directory })
    const outcome = outcomeOf(child)
    await told.promise
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(child.exitCode).toBe(null)
    await lock.release()
    expect(await outcome).toEqual({ code: 0, stdout: '{"stopped":true}\n', stderr: '' })
    await api.close()
  })
})

describe('a reader that has had enough', () => {
  it('is no failure', async () => {
    const child = startCli(['status'], { directory: atSage })
    child.stdout?.destroy()
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    await once(child, 'exit')
    expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('of failures is none either: the exit code stays', async () => {
    const child = startCli(['status'], { directory: await newDirectory() })
    child.stderr?.destroy()
    await once(child, 'exit')
    expect(child.exitCode).toBe(3)
  })
})
