import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { didOf } from '../../protocol/index.ts'
import { guestChangesMax } from '../../src/limits.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.parse('2026-06-21T12:00:00Z')

test('a society that wrote much before it was a member is heard all the same (R72)', async () => {
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  const world = new World({ ...parts, localSigners: new Map() })
  const founding = { name: 'sage', federation: 'test-x', adp: 0, policy: {}, witnesses: [] }
  const guest = await world.add('guest', { ...founding, name: 'guest' }, true)
  const written = guestChangesMax + 4
  for (let i = 0; i < written; i++) {
    const given = { source: `solar:test:p${i}`, rated: 1 }
    await world.settled(world.replica('guest').write('energy.prove', given))
  }
  const sage = await world.add('sage', founding, true)
  await world.quiet()
  const seqAtSage = () =>
    world
      .replica('sage')
      .documentHeads()
      .find(({ name, kind }) => name === 'guest' && kind === 'trust')?.seq ?? 0
  expect(world.replica('sage').membership().applicants).toEqual([didOf(guest.key)])
  expect(seqAtSage()).toBe(guestChangesMax)
  await world.settled(world.replica('sage').write('federation.admit', { society: 'guest' }))
  expect(world.replica('sage').membership().members).toContain(didOf(guest.key))
  await world.advance(1_000)
  expect(seqAtSage()).toBeGreaterThan(written)
  expect(sage.replica?.society(guest.key).energy.sources).toHaveProperty('solar:test:p11')
})
