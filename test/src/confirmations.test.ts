import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { recordId, type RecordId } from '../../protocol/index.ts'
import { createMemoryDisk } from '../../src/index.ts'
import { confirmationsMax, confirmedUnknownMs } from '../../src/limits.ts'
import { Confirmations } from '../../src/work/confirmations.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const ticketNumbered = (number: number): RecordId =>
  recordId(number.toString(16).padStart(64, '0'), 0)

test('what was confirmed is on disk, and forgotten when nobody can ask for it (R67)', async () => {
  const disk = createMemoryDisk()
  const store = disk.open()
  const clock = new VirtualClock(start)
  const signer = signerOf('reader')
  const { held, index } = await openLedger({ verifier: createVerifier(), signer, clock })
  const parts = { store, held, index, clock }
  const confirmations = new Confirmations(parts)
  for (let number = 0; number < confirmationsMax; number++) {
    await confirmations.confirm(ticketNumbered(number), { quality: number })
  }
  expect(disk.unsynced()).toBe(0)
  const again = new Confirmations(parts)
  expect(await again.of(ticketNumbered(7))).toMatchObject({ quality: 7 })
  const another = ticketNumbered(confirmationsMax)
  const tooMany = again.confirm(another, { quality: 1 })
  await expect(tooMany).rejects.toMatchObject({ code: 'rate-limited' })
  // What is said anew of a ticket needs no place of its own.
  await again.confirm(ticketNumbered(7), { quality: 8 })
  clock.step(start + confirmedUnknownMs + 1)
  await again.confirm(another, { quality: 1 })
  const newest = new Confirmations(parts)
  expect(await newest.of(another)).toMatchObject({ quality: 1 })
  expect(await newest.of(ticketNumbered(7))).toBeUndefined()
})
