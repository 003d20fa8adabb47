import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { silentLog } from '../../node/silent-log.ts'
import { World } from '../../node/simulate/world.ts'
import { decodeGossip } from '../../protocol/index.ts'
import type { RecordId } from '../../protocol/index.ts'

const start = Date.parse('2026-06-21T12:00:00Z')

test('the first change leaves at once, what follows it shares a message', async () => {
  const verifier = createVerifier()
  const parts = { startMs: start, seed: 1, verifier, log: silentLog }
  const world = new World({ ...parts, localSigners: new Map() })
  const policy = { admission: 'open' }
  for (const name of ['sage', 'leaf']) {
    await world.add(name, { name, federation: 'test-x', adp: 1, policy, witnesses: [] }, true)
  }
  await world.quiet()
  const told: number[] = []
  const wire = world.wires.node('leaf')
  const handlers = wire?.handlers
  if (wire === undefined || handlers === undefined) throw new TypeError('leaf is not there')
  wire.handlers = {
    ...handlers,
    gossip: (peer, topic, data) => {
      const message = decodeGossip(data)
      if (message.ok && message.value.type === 'changes') {
        told.push(message.value.frame.changes.length)
      }
      return handlers.gossip(peer, topic, data)
    },
  }
  await world.advance(1_000)
  const write = (): Promise<RecordId> =>
    world.replica('sage').write('trust.observe', { subject: 'leaf', success: true })
  for (let i = 0; i < 5; i++) await write()
  await world.quiet()
  expect(told).toEqual([1, 4])
  await world.advance(1_000)
  await write()
  await world.quiet()
  expect(told).toEqual([1, 4, 1])
})
