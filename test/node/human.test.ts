import { describe, expect, test } from 'vitest'
import {
  completionMessage,
  didOf,
  keyOfDid,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Measurement } from '../../src/index.ts'
import { everybody, makeHandsWorld, measureHands, verifier } from '../support/hands-world.ts'

const minute = 60_000
const hour = 60 * minute

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
    const made = await makeHandsWorld()
    await made.work('hands', 'ada', 120)
    await made.work('hands', 'bob', 90)
    await made.work('hands', 'cid', 75)
    const measured = await measureHands(made)
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
    const made = await makeHandsWorld()
    for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 60)
    const { exchanges, reading } = transcriptOf(await measureHands(made))
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
    const made = await makeHandsWorld()
    for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 60)
    const { self } = made.world.replica('hands')
    const asked = everybody.map((name) => made.world.replica(name).receipts(new Set([self]), 0))
    const ids = (await Promise.all(asked)).map((each) => each.map(({ id }) => id).sort())
    expect(ids[0]).toHaveLength(3)
    for (const each of ids) expect(each).toEqual(ids[0])
  })

  test('without times, for oneself or of last week is none', async () => {
    const made = await makeHandsWorld()
    await made.work('hands', 'ada', 60)
    await made.world.advance(7 * 24 * hour)
    for (const name of ['bob', 'cid']) await made.work('hands', name, 60)
    await made.work('hands', 'hands', 60)
    const ticket = await made.write('dan', 'work.allocate', { amount: 1, worker: 'hands' })
    await made.write('dan', 'work.complete', { ticket, quality: 1 })
    await expect(measureHands(made)).rejects.toMatchObject({
      code: 'unverified-source',
      message: expect.stringMatching(/^In the last 7 days 2 other societies .*started/),
    })
  })

  test('for those who work mainly for oneself is none either', async () => {
    const made = await makeHandsWorld()
    for (const name of ['ada', 'bob', 'cid', 'dan']) await made.work('hands', name, 60)
    expect((await measureHands(made)).fields).toMatchObject({ hours: 4 })
    await made.work('dan', 'hands', 60)
    const { fields, transcript } = await measureHands(made)
    expect(fields).toMatchObject({ hours: 3 })
    const dan = didOf(made.world.replica('dan').self)
    expect(JSON.parse(new TextDecoder().decode(transcript)).reading.counterparties).toContainEqual({
      society: dan,
      hours: 1,
      weight: 0,
    })
  })

  test('for one’s own citizens is half', async () => {
    const made = await makeHandsWorld()
    await made.write('ada', 'citizenship.apply', { parent: 'hands' })
    await made.write('hands', 'citizenship.admit', { child: 'ada' })
    await made.write('dan', 'citizenship.apply', { parent: 'ada' })
    await made.write('ada', 'citizenship.admit', { child: 'dan' })
    for (const name of ['ada', 'bob', 'cid', 'dan']) await made.work('hands', name, 60)
    expect((await measureHands(made)).fields).toMatchObject({ hours: 3 })
    // To the citizen the society around it is anybody.
    for (const name of ['hands', 'bob', 'cid']) await made.work('ada', name, 60)
    expect((await measureHands(made, 'ada')).fields).toMatchObject({ hours: 3 })
  })

  test('at two things at once is implausible', async () => {
    const made = await makeHandsWorld()
    for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 60)
    const ticket = await made.write('dan', 'work.allocate', { amount: 1, worker: 'hands' })
    const finished = made.world.clock.now()
    const given = { ticket, quality: 1, started: finished - 90 * minute, finished }
    const second = await made.write('dan', 'work.complete', given)
    await expect(measureHands(made)).rejects.toMatchObject({
      code: 'implausible-proof',
      message: expect.stringContaining(second),
    })
  })

  test('of hundreds of small jobs fits into the evidence', async () => {
    const made = await makeHandsWorld()
    for (let round = 0; round < 20; round++) {
      for (const name of ['ada', 'bob', 'cid']) await made.work('hands', name, 2)
    }
    const measured = await measureHands(made)
    expect(measured.fields).toMatchObject({ hours: 2 })
    const { exchanges } = transcriptOf(measured)
    const left = exchanges.at(-1).leftOut as number
    expect(left).toBe(60 - (exchanges.length - 1))
    expect(exchanges.at(-1).sha256).toMatch(/^[0-9a-f]{64}$/)
  }, 60_000)
})
