import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Diagnosis } from '../../node/doctor/examine.ts'
import type { RunningNode } from '../../node/start.ts'
import { startCommands, type ManyCommands } from '../support/many-commands.ts'
import {
  eventually,
  makeNode,
  removeNode,
  runNode,
  type RealDirectory,
} from '../support/real-node.ts'

const made: RealDirectory[] = []
const running: RunningNode[] = []
let cli: ManyCommands

async function add(name: string, sections: object = {}): Promise<RealDirectory> {
  const bootstrap = running[0]?.network.addresses().slice(0, 1) ?? []
  const policy = { admission: 'invited' } as object
  const at = await makeNode(name, { bootstrap, sections: { policy, ...sections } })
  made.push(at)
  running.push(await runNode(at))
  return at
}

beforeAll(() => {
  cli = startCommands()
})
afterAll(async () => {
  await cli.close()
  for (const node of running.toReversed()) await node.close()
  for (const at of made) await removeNode(at)
})

/** What the doctor finds of one thing at a node. */
async function finding({ directory }: RealDirectory, code: string) {
  const { stdout } = await cli.run(['doctor', '--json'], directory)
  const { checks }: Diagnosis = JSON.parse(stdout)
  return checks.find((check) => check.code === code)
}

it('a newcomer is told that nobody has admitted it, until somebody has', async () => {
  const sage = await add('sage')
  expect(await finding(sage, 'admitted')).toMatchObject({ state: 'unknown' })
  const leaf = await add('leaf')
  await eventually('leaf knows sage', async () => {
    return (await finding(leaf, 'admitted'))?.state === 'ill'
  })
  expect((await finding(leaf, 'admitted'))?.mend).toContain('federation admit')
  await eventually('sage admits leaf', async () => {
    const { code } = await cli.run(['federation', 'admit', 'leaf', '--json'], sage.directory)
    return code === 0
  })
  await eventually('leaf is told', async () => {
    return (await finding(leaf, 'admitted'))?.state === 'well'
  })
  expect(await finding(sage, 'admitted')).toMatchObject({ state: 'well' })
}, 60_000)

it('a newcomer does not take another federation’s node for one of its own', async () => {
  const elm = await add('elm', { federation: 'test-other' })
  await eventually('elm is connected', () => running[2]?.network.peers().length === 1)
  expect(await finding(elm, 'peers')).toMatchObject({
    state: 'unknown',
    cause: '1 node connected, and none of a society of this federation',
  })
}, 30_000)

it('who goes is told by its name', async () => {
  const [sage, leaf] = running
  await leaf?.close()
  const gone = () =>
    sage?.replica.events.after(0).events.find(({ type }) => type === 'peer-disconnected')
  await eventually('leaf has gone', () => gone() !== undefined)
  expect(gone()?.data).toMatchObject({ name: 'leaf', society: made[1]?.id })
})
