import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { nodeIdentityOf } from '../../node/simulate/simulated-keys.ts'
import { World } from '../../node/simulate/world.ts'
import { silentLog } from '../../node/silent-log.ts'

const dayMs = 86_400_000

test('a node is certified anew once half of its certificate is over (R36)', async () => {
  const startMs = Date.UTC(2026, 5, 21, 12)
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  const world = new World({ ...parts, localSigners: new Map() })
  const founding = { name: 'ada', federation: 'test-world', adp: 0, policy: {}, witnesses: [] }
  await world.add('ada', founding, true)
  const { peerId } = nodeIdentityOf('ada')
  const until = (): number | undefined => {
    const [trust] = world.replica('ada').states().trusts
    return trust?.nodes.get(peerId)
  }
  const first = until()
  expect(first).toBe(startMs + 365 * dayMs)
  await world.advance(182 * dayMs)
  expect(until()).toBe(first)
  await world.advance(2 * dayMs)
  expect(until()).toBe(startMs + (365 + 183) * dayMs)
})
