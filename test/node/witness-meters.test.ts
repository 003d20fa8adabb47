import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MeasureRequest } from '../../node/meters/meters.ts'
import type { RunningNode } from '../../node/start.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { eventAbout, prove, quickLooks, WitnessWorld } from '../support/witness-world.ts'

const allowing = { witness: { ...quickLooks, allow: ['127.0.0.0/8:*'] } }
const world = new WitnessWorld()
let sage: RunningNode
let far: RunningNode
let near: RunningNode

beforeAll(async () => {
  sage = await world.add('sage')
  far = await world.add('far')
  near = await world.add('near', allowing)
  await world.meet()
})
afterAll(async () => {
  await world.end()
  await stopDevices()
})

type Way = readonly [
  program: string,
  flags: readonly string[],
  request: (port: number) => MeasureRequest,
]

test.each<Way>([
  [
    'sunspec-battery',
    ['--charge', '80'],
    (port) => ({ type: 'battery', sunspec: `127.0.0.1:${port}` }),
  ],
  [
    'sunspec-inverter',
    ['--kind', 'wind'],
    (port) => ({ type: 'wind', sunspec: `127.0.0.1:${port}` }),
  ],
  ['fronius-inverter', [], (port) => ({ type: 'solar', fronius: `http://127.0.0.1:${port}` })],
  ['victron-gx', [], (port) => ({ type: 'solar', victron: `127.0.0.1:${port}` })],
  ['p1-meter', ['--period', '50'], (port) => ({ type: 'grid', p1: `127.0.0.1:${port}` })],
])('%s is read from afar, and through the claimant’s node (C13, C18)', async (...way) => {
  const [program, flags, request] = way
  const { port } = await startDevice(program, ...flags)
  const proof = await prove(sage, request(port))
  const [seen, brought] = await Promise.all([
    eventAbout(near, 'witness-looked', proof),
    eventAbout(far, 'witness-looked', proof),
  ])
  expect(seen).toMatchObject({ verdict: true, level: 2, path: 'direct' })
  expect(brought).toMatchObject({ verdict: true, level: 1, path: 'relayed' })
})
