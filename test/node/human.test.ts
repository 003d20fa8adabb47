import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { meterFor } from '../../node/meters/meters.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { World } from '../../node/simulate/world.ts'
import {
  completionMessage,
  didOf,
  keyOfBytes,
  keyOfDid,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Measurement, Replica } from '../../src/index.ts'
import { meterContext } from '../support/meter-context.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.parse('2026-11-20T08:00:00Z')
const minute = 60_000
const hour = 60 * minute
const everybody = ['hands', 'ada', 'bob', 'cid', 'dan']
const verifier = createVerifier()

/** Five societies with ATP to work with, and each one's node. */
async function makeWorld() {
  const signers = new Map(
    everybody.map((name) => {
      const signer = signerOf(name)
      return [keyOfBytes(signer.publicKey), signer] as const
    }),
  )
  const world = new World({ startMs, seed: 1, verifier, log: silentLog, localSigners: signers })
  for (const name of everybody) {
    const policy = { admission: 'open', minimumOccupancy: 0 }
    const founding = { name, federation: 'test-hands', adp: 1000, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  const write = (name: string, kind: string, given: object): Promise<RecordId> =>
    world.settled(world.replica(name).write(kind, given))
  for (const name of everybody) {
    const transcript = new TextEncoder().encode(JSON.stringify({ meter: name }))
    await world.settled(
      world.replica(name).prove({
        source: `grid:test:meter-${name}`,
        fields: { allocated: 500 },
        measuredAt: world.clock.now(),
        method: 'given by the test',
        transcript,
        simulated: true,
      }),
    )
    const source = `grid:test:meter-${name}`
    await write(name, 'atp.charge', { amount: 300, source, lifetimeDays: 20 })
  }
  /** Lets time pass in which one works for another, and has the work signed. */
  const work = async (worker: string, employer: string, minutes: number): Promise<RecordId> => {
    const ticket = await write(employer, 'work.allocate', { amount: 1, worker })
    const started = world.clock.now()
    await world.advance(minutes * minute)
    const finished = world.clock.now()
    return write(employer, 'work.complete', { ticket, quality: 0.9, started, finished })
  }
  return { world, write, work }
}

type Made = Awaited<ReturnType<typeof makeWorld>>

function measure({ world }: Made, name = 'hands', replica?: Replica): Promise<Measurement> {
  const node = replica ?? world.replica(name)
  const context = meterContext({
    now: () => world.clock.now(),
    ledgers: {
      self: node.self,
      receipts: (workers, since) => node.receipts(workers, since),
      citizens: () => node.citizens(),
    },
  })
  const meter = meterFor({ type: 'human', site: '52.4,4.9' }, context)
  return world.settled(meter.measure(new AbortController().signal))
}

type Shown = {
  readonly id: RecordId
  readonly counterparty: number
  readonly ticket: RecordId
  readonly quality: number
  readonly started: number
  readonly finished: number
  readonly signatures: readonly [string, string]
}

const transcriptOf = ({ transcript }: Measurement) =>
  JSON.parse(new TextDecoder().decode(transcript))

describe('work by hand', () => {
  test('is measured by completions of the ledger that others signed', async () => {
    const made = await makeWorld()
    await made.work('hands', 'ada', 120)
    await made.work('hands', 'bob', 90)
    await made.work('hands', 'cid', 75)
    const measured = await measure(made)
    const { self } = made.world.replica('hands')
    expect(measured).toMatchObject({
      source: `human:receipts:${self.slice(0, 32)}`,
      fields: { metabolic: 100, hours: 4.75, site: '52.4,4.9' },
      measuredAt: made.world.clock.now(),
      method: 'work-receipts',
      simulated: false,
    })
    const proof = await made.world.settled(made.world.replica('hands').prove(measured))
    expect(await made.world.replica('ada').record(proof)).toMatchObject({ void: null })
    expect(made.world.replica('ada').society(self).energy.sources).toMatchObject({
      [measured.source]: { type: 'human', capacity: 100, assurance: 1, state: 'valid' },
    })
    // No more than 4.75 h x 100 W may be charged a day.
    const charge = (amount: number) =>
      made.write('hands', 'atp.charge', { amount, source: measured.source })
    await expect(charge(475.001)).rejects.toMatchObject({ code: 'insufficient-capacity' })
  })

  test('is shown to anybody with what was signed', async () => {
    const made = await makeWorld()
    for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 60)
    const { exchanges, reading } = transcriptOf(await measure(made))
    expect(exchanges).toHaveLength(3)
    const worker = made.world.replica('hands').self
    for (const each of exchanges as readonly Shown[]) {
      const { id, ticket, quality, started, finished, signatures } = each
      const beneficiary = keyOfDid(reading.counterparties[each.counterparty].society) as SocietyKey
      const message = completionMessage({
        ticket,
        worker,
        beneficiary,
        quality,
        consumed: undefined,
        outputDigest: undefined,
        started,
        finished,
      })
      const [own, other] = signatures.map((text) => Buffer.from(text, 'base64url'))
      expect(verifier.verify(own as Buffer, message, Buffer.from(worker, 'hex'))).toBe(true)
      expect(verifier.verify(other as Buffer, message, Buffer.from(beneficiary, 'hex'))).toBe(true)
      const recorded = await made.world.replica('dan').record(id)
      expect(recorded).toMatchObject({ kind: 'work.complete', author: beneficiary, void: null })
    }
  })

  test('is the same to every node that holds the ledgers', async () => {
    const made = await makeWorld()
    for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 60)
    const { self } = made.world.replica('hands')
    const asked = everybody.map((name) => made.world.replica(name).receipts(new Set([self]), 0))
    const ids = (await Promise.all(asked)).map((each) => each.map(({ id }) => id).sort())
    expect(ids[0]).toHaveLength(3)
    for (const each of ids) expect(each).toEqual(ids[0])
  })

  test('without times, for oneself or of last week is none', async () => {
    const made = await makeWorld()
    await made.work('hands', 'ada', 60)
    await made.world.advance(7 * 24 * hour)
    for (const name of ['bob', 'cid']) await made.work('hands', name, 60)
    await made.work('hands', 'hands', 60)
    const ticket = await made.write('dan', 'work.allocate', { amount: 1, worker: 'hands' })
    await made.write('dan', 'work.complete', { ticket, quality: 1 })
    await expect(measure(made)).rejects.toMatchObject({
      code: 'unverified-source',
      message: expect.stringMatching(/^In the last 7 days 2 other societies .*started/),
    })
  })

  test('for those who work mainly for oneself is none either', async () => {
    const made = await makeWorld()
    for (const name of ['ada', 'bob', 'cid', 'dan']) await made.work('hands', name, 60)
    expect((await measure(made)).fields).toMatchObject({ hours: 4 })
    await made.work('dan', 'hands', 60)
    const { fields, transcript } = await measure(made)
    expect(fields).toMatchObject({ hours: 3 })
    const dan = didOf(made.world.replica('dan').self)
    expect(JSON.parse(new TextDecoder().decode(transcript)).reading.counterparties).toContainEqual({
      society: dan,
      hours: 1,
      weight: 0,
    })
  })

  test('for one’s own citizens is half', async () => {
    const made = await makeWorld()
    await made.write('ada', 'citizenship.apply', { parent: 'hands' })
    await made.write('hands', 'citizenship.admit', { child: 'ada' })
    await made.write('dan', 'citizenship.apply', { parent: 'ada' })
    await made.write('ada', 'citizenship.admit', { child: 'dan' })
    for (const name of ['ada', 'bob', 'cid', 'dan']) await made.work('hands', name, 60)
    expect((await measure(made)).fields).toMatchObject({ hours: 3 })
    // To the citizen the society around it is anybody.
    for (const name of ['hands', 'bob', 'cid']) await made.work('ada', name, 60)
    expect((await measure(made, 'ada')).fields).toMatchObject({ hours: 3 })
  })

  test('at two things at once is implausible', async () => {
    const made = await makeWorld()
    for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 60)
    const ticket = await made.write('dan', 'work.allocate', { amount: 1, worker: 'hands' })
    const finished = made.world.clock.now()
    const given = { ticket, quality: 1, started: finished - 90 * minute, finished }
    const second = await made.write('dan', 'work.complete', given)
    await expect(measure(made)).rejects.toMatchObject({
      code: 'implausible-proof',
      message: expect.stringContaining(second),
    })
  })

  test('of hundreds of small jobs fits into the evidence', async () => {
    const made = await makeWorld()
    for (let round = 0; round < 20; round++) {
      for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 2)
    }
    const measured = await measure(made)
    expect(measured.fields).toMatchObject({ hours: 2 })
    const { exchanges } = transcriptOf(measured)
    const left = exchanges.at(-1).leftOut as number
    expect(left).toBe(60 - (exchanges.length - 1))
    expect(exchanges.at(-1).sha256).toMatch(/^[0-9a-f]{64}$/)
  }, 60_000)
})
