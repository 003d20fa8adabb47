import { afterEach, beforeEach, expect, test } from 'vitest'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { eventually } from '../support/real-node.ts'
import { eventAbout, levelSeen, prove, quickLooks, WitnessWorld } from '../support/witness-world.ts'

const allowing = { witness: { ...quickLooks, allow: ['127.0.0.0/8:*'] } }

let world: WitnessWorld
beforeEach(() => {
  world = new WitnessWorld()
})
afterEach(async () => {
  await world.end()
  await stopDevices()
})

test('two others look themselves where they may dial: level 2', async () => {
  const { port } = await startDevice('sunspec-inverter', '--rated', '5000')
  const sage = await world.add('sage')
  const oak = await world.add('oak', allowing)
  const elm = await world.add('elm', allowing)
  await world.meet()
  const proof = await prove(sage, { type: 'solar', sunspec: `127.0.0.1:${port}` })
  await eventually('level 2', () => [sage, oak, elm].every((node) => levelSeen(node, sage) === 2))
  const said = await eventAbout(oak, 'witness-looked', proof)
  expect(said).toMatchObject({ verdict: true, level: 2, path: 'direct' })
})

test('who may not dial looks through the claimant, and that is its word once more', async () => {
  const { port } = await startDevice('sunspec-inverter', '--rated', '5000')
  const sage = await world.add('sage')
  const oak = await world.add('oak')
  await world.add('elm')
  await world.meet()
  const proof = await prove(sage, { type: 'solar', sunspec: `127.0.0.1:${port}` })
  const said = await eventAbout(oak, 'witness-looked', proof)
  expect(said).toMatchObject({ verdict: true, level: 1, path: 'relayed' })
  expect(levelSeen(oak, sage)).toBe(1)
})
