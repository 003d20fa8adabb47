import { expect, test } from 'vitest'
import { emptyPool, emptyTrust, keyOfBytes } from '../../protocol/index.ts'
import { readSnapshot, snapshotWrite, stateFormat } from '../../src/ledger/snapshots.ts'
import { atOnce } from '../../src/turns.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'

const society = keyOfBytes(signerOf('of snapshots').publicKey)
const state = emptyTrust(society)
const { value: written = new Uint8Array() } = await snapshotWrite(state, atOnce)

const altered = (change: (text: string) => string): Uint8Array =>
  new TextEncoder().encode(change(new TextDecoder().decode(written)))

test('a snapshot gives back the state it was made of', async () => {
  expect(await readSnapshot(written, atOnce)).toEqual(state)
})

test('a snapshot of another format, or an altered one, is not believed', async () => {
  const other = altered((text) => text.replace(`state ${stateFormat}`, `state ${stateFormat + 1}`))
  expect(await readSnapshot(other, atOnce)).toBeUndefined()
  expect(
    await readSnapshot(
      altered((text) => text.replace('"time":0', '"time":1')),
      atOnce,
    ),
  ).toBeUndefined()
  expect(await readSnapshot(new Uint8Array(), atOnce)).toBeUndefined()
})

// Where this fails because a state holds something else than before, `stateFormat` goes up by one.
test('states hold what their format number stands for', () => {
  expect(stateFormat).toBe(4)
  expect(Object.keys(emptyTrust(society)).toSorted()).toMatchInlineSnapshot(`
    [
      "admitted",
      "application",
      "appointments",
      "attested",
      "bond",
      "brokenBonds",
      "chain",
      "checkpoints",
      "children",
      "claims",
      "founding",
      "given",
      "joined",
      "joinedAt",
      "nodes",
      "observed",
      "policy",
      "received",
      "reports",
      "society",
      "sources",
      "time",
    ]
  `)
  expect(Object.keys(emptyPool(society)).toSorted()).toMatchInlineSnapshot(`
    [
      "acceptances",
      "adpEscrowed",
      "available",
      "borrowed",
      "chain",
      "chargedToday",
      "claimedFrom",
      "completed",
      "credited",
      "dayCharges",
      "dealings",
      "due",
      "endedTickets",
      "escrowed",
      "failed",
      "founding",
      "grants",
      "jobs",
      "lastLot",
      "lent",
      "lots",
      "occupations",
      "occupied",
      "offers",
      "owed",
      "pool",
      "proofs",
      "reserved",
      "society",
      "supply",
      "tickets",
      "time",
      "waste",
      "wasted",
    ]
  `)
})
