import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningNode } from '../../node/start.ts'
import {
  eventually,
  makeNode,
  removeNode,
  runNode,
  type RealDirectory,
} from '../support/real-node.ts'

const program = new URL('../../node/devices/sunspec-inverter.ts', import.meta.url).pathname

let device: ChildProcess
let sunspec: string
let home: RealDirectory
let node: RunningNode

beforeAll(async () => {
  device = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [text] = await once(createInterface(device.stdout as NodeJS.ReadableStream), 'line')
  const line: { listening: { port: number } } = JSON.parse(String(text))
  sunspec = `127.0.0.1:${line.listening.port}`
  home = await makeNode('measured')
  node = await runNode(home)
})
afterAll(async () => {
  device.kill('SIGKILL')
  await node.close()
  await removeNode(home)
})

type Answer = { readonly status: number; readonly body: Record<string, unknown> }

async function ask(path: string, body?: object): Promise<Answer> {
  const token = (await readFile(join(home.directory, 'token'), 'utf8')).trim()
  const answer = await fetch(`${node.api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Where the sun is highest now, or twelve hours away from there. */
function siteAt(hoursOff: number): string {
  const hours = (Date.now() % 86_400_000) / 3_600_000 + hoursOff
  const longitude = 180 - 15 * hours
  return `0,${(longitude < -180 ? longitude + 360 : longitude).toFixed(1)}`
}

const measure = (more: object = {}): Promise<Answer> =>
  ask('/v1/measurements', { type: 'solar', sunspec, ...more })

const remembered = (): Promise<string> => readFile(join(home.directory, 'renewals.json'), 'utf8')

test('a node measures a source, refuses what cannot be, and measures it again', async () => {
  // At night no inverter gives anything; this one, a simulator, always does.
  expect(await measure({ site: siteAt(12) })).toMatchObject({
    status: 409,
    body: { code: 'implausible-proof', detail: expect.stringContaining('the sun is down') },
  })
  expect((await measure({ dryRun: true })).status).toBe(200)
  await expect(remembered()).rejects.toMatchObject({ code: 'ENOENT' })

  const measured = await measure({ site: siteAt(0) })
  expect(measured).toMatchObject({ status: 201, body: { capacity: 5_000 } })
  const id = String(measured.body['source'])
  expect(JSON.parse(await remembered())).toEqual({
    version: 1,
    measurements: [{ source: id, request: { type: 'solar', sunspec, site: expect.any(String) } }],
  })
  expect((await stat(join(home.directory, 'renewals.json'))).mode & 0o777).toBe(0o600)

  const renewal = { failures: 0, failure: null, nextLook: expect.stringMatching(/Z$/) }
  const source = { id, state: 'valid', renewal }
  expect((await ask('/v1/sources')).body).toMatchObject([source])
  await node.close()
  node = await runNode(home)
  expect((await ask('/v1/sources')).body).toMatchObject([source])

  await ask('/v1/records', { kind: 'energy.retire', with: { source: id } })
  expect((await ask('/v1/sources')).body).toMatchObject([{ id, state: 'retired', renewal: null }])
  await eventually('it is forgotten', async () => !(await remembered()).includes(id))
})

test('a node tells how its clock stands, and why it signs nothing by it', async () => {
  expect(await ask('/v1/clock')).toMatchObject({
    status: 200,
    body: { state: 'right', message: null, peers: [], peersOffsetMs: null, servers: [] },
  })
  node.replica.clockGuard.asked(90_000, 60_000)
  const words = expect.stringContaining('90 s behind the time servers')
  expect((await ask('/v1/clock')).body).toMatchObject({ state: 'skewed', message: words })
  expect(await ask('/health')).toEqual({
    status: 503,
    body: { state: 'bad', reasons: ['clock-skewed'] },
  })
  expect((await ask('/v1/status')).body['health']).toMatchObject({
    state: 'bad',
    reasons: [{ code: 'clock-skewed', message: words }],
  })
  expect(await measure()).toMatchObject({ status: 503, body: { code: 'clock-skewed' } })
  node.replica.clockGuard.asked(0, 60_000)
  expect(await ask('/health')).toEqual({ status: 200, body: { state: 'ok', reasons: [] } })
  expect((await measure()).status).toBe(201)
})
