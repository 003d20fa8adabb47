import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { UnderWay } from '../../node/api/under-way.ts'
import { MemoryHub } from '../support/memory-network.ts'
import {
  ask,
  expectDescribed,
  expectProblem,
  foundSociety,
  measuredSource,
  measurementOf,
  post,
  serve,
  until,
  type Answered,
  type Society,
} from './api-fixture.ts'

let sage: Society
let leaf: Society
let stranger: Society
let api: Api
let leafApi: Api
/** An instant between the founding and everything else. */
let early = ''

const idOf = ({ replica }: Society): string => replica.society().id

async function written(at: Api, kind: string, given: object): Promise<string> {
  const answer = await post(at, '/v1/records', { kind, with: given })
  expect(answer).toMatchObject({ status: 201 })
  return String(answer.body['id'])
}

/** An answer that has to be as the API describes it. */
async function told(id: string, path: string, at: Api = api): Promise<Answered['body']> {
  const answer = await ask(at, path)
  expectDescribed(id, answer)
  return answer.body
}

beforeAll(async () => {
  const hub = new MemoryHub()
  sage = await foundSociety(hub, 'sage', '1000')
  leaf = await foundSociety(hub, 'leaf')
  stranger = await foundSociety(hub, 'stranger', '0', 'test-elsewhere')
  api = await serve(sage)
  leafApi = await serve(leaf)
  await until('all know each other', () => sage.replica.documentHeads().length >= 5)
  await until('and leaf does', () => leaf.replica.documentHeads().length >= 5)
  early = new Date().toISOString()
  await until('time has passed', () => new Date().toISOString() > early)
  await sage.replica.prove(measurementOf())
  await written(api, 'atp.charge', { amount: 100, source: measuredSource })
})

afterAll(async () => {
  await api.close()
  await leafApi.close()
  for (const society of [sage, leaf, stranger]) await society.replica.stop()
})

describe('societies', () => {
  it('have guests among them, who are no members', async () => {
    const list = await told('listSocieties', '/v1/societies')
    expect(list).toMatchObject([
      { name: 'leaf', membership: 'member', member: true },
      { name: 'sage', membership: 'member', member: true, self: true },
      { id: idOf(stranger), name: 'stranger', membership: 'guest', member: false, adp: 0 },
    ])
    const members = await told('listMembers', '/v1/members')
    expect(members).toMatchObject({ guests: [{ id: idOf(stranger), name: 'stranger' }] })
  })
})

describe('the queue', () => {
  let big = ''
  let small = ''

  it('is told in its order, with the reasons', async () => {
    expect(await told('getQueue', '/v1/queue')).toEqual([])
    big = await written(api, 'work.request', { to: 'sage', amount: 200, urgency: 0.9 })
    small = await written(leafApi, 'work.request', { to: 'sage', amount: 101 })
    await until('both wait', () => sage.replica.society().work.queued === 2)
    const queue = await told('getQueue', '/v1/queue')
    expect(queue).toMatchObject([
      { id: big, place: 1, requester: idOf(sage), class: 1, trust: 1, nextClassAt: null },
      { id: small, place: 2, requester: idOf(leaf), class: 10, trust: 0.14, fits: false },
    ])
    expect(queue).toMatchObject([
      { why: 'class 1 by its own request; does not fit: 100 ATP are free' },
      { why: 'class 10 by trust 0.14; does not fit: 100 ATP are free' },
    ])
    const submittedAt = String((queue as unknown as { submittedAt: string }[])[1]?.submittedAt)
    const sixHoursLater = new Date(Date.parse(submittedAt) + 6 * 3_600_000).toISOString()
    expect(queue).toMatchObject([{}, { nextClassAt: sixHoursLater }])
    expect(await told('getQueue', '/v1/queue?society=leaf')).toEqual([])
    await until('leaf knows', () => leaf.replica.society(sage.replica.self).queue.length === 2)
    expect(await told('getQueue', '/v1/queue?society=sage', leafApi)).toMatchObject([
      { id: big },
      { id: small },
    ])
  })

  it('audits the place of a request, found by a prefix', async () => {
    const path = `/v1/queue/${small.slice(0, 12)}`
    expect(await told('auditRequest', path)).toMatchObject({
      id: small,
      state: 'waiting',
      place: 2,
      class: 10,
      ticket: null,
      audit: { verdict: 'waiting', problems: [] },
    })
    // Served out of turn by hand: it is smaller than what was first, which is no wrong.
    const ticket = await written(api, 'work.allocate', {
      amount: 60,
      worker: 'leaf',
      request: small.slice(0, 12),
    })
    expect(await told('auditRequest', path)).toMatchObject({
      state: 'served',
      place: null,
      class: 10,
      ticket,
      audit: { verdict: 'honoured' },
    })
  })

  it.each([
    ['/v1/queue?society=nobody', 404, 'unknown-reference'],
    ['/v1/queue/ffff', 404, 'unknown-reference'],
    [`/v1/queue/${'0'.repeat(64)}:0`, 404, 'unknown-reference'],
    ['/v1/queue?colour=red', 400, 'malformed'],
  ])('GET %s: %i', async (path, status, code) => {
    const answer = await ask(api, path)
    expectProblem(answer, status)
    expect(answer.body['code']).toBe(code)
  })
})

describe('tickets', () => {
  it('tell how they stand and how they ended', async () => {
    const given = { amount: 20, worker: 'leaf', description: 'index the archive', deadlineHours: 2 }
    const ticket = await written(api, 'work.allocate', given)
    const all = (await told('listTickets', '/v1/tickets')) as unknown as readonly object[]
    expect(all).toHaveLength(2)
    expect(all[1]).toMatchObject({
      id: ticket,
      society: idOf(sage),
      worker: idOf(leaf),
      amount: 20,
      state: 'active',
      description: 'index the archive',
      request: null,
      class: null,
      quality: null,
    })
    const end = await written(api, 'work.complete', { ticket, quality: 0.9, consumed: 5 })
    expect(await told('listTickets', '/v1/tickets')).toMatchObject([
      {},
      {
        state: 'completed',
        end,
        quality: 0.9,
        consumed: 5,
        beneficiary: idOf(sage),
        endedAt: expect.stringMatching(/^20/),
      },
    ])
    await until('leaf knows', () => leaf.replica.society(sage.replica.self).work.completed === 1)
    const leafs = await told('listTickets', '/v1/tickets?worker=leaf', leafApi)
    expect(leafs).toMatchObject([{ class: 10 }, { id: ticket }])
    expect(await told('listTickets', '/v1/tickets', leafApi)).toEqual([])
    expect(await told('listTickets', '/v1/tickets?worker=sage&society=sage')).toEqual([])
    expectProblem(await ask(api, '/v1/tickets?society=nobody'), 404)
  })
})

describe('trust', () => {
  it('is told with every term and the records behind it', async () => {
    const note = await written(api, 'trust.observe', { subject: 'leaf', success: true, count: 30 })
    const view = await told('getTrust', '/v1/trust/leaf')
    expect(view).toMatchObject({
      observer: idOf(sage),
      subject: idOf(leaf),
      terms: { direct: { weight: 0.4, successes: 31, records: expect.arrayContaining([note]) } },
      paths: [],
    })
    expect(await told('getTrust', '/v1/trust/sage?observer=leaf')).toMatchObject({
      observer: idOf(leaf),
      subject: idOf(sage),
    })
  })

  it.each([
    ['/v1/trust/nobody', 404, 'unknown-reference'],
    ['/v1/trust/leaf?observer=nobody', 404, 'unknown-reference'],
    ['/v1/trust/sage', 400, 'malformed'],
    ['/v1/trust/leaf?observer=leaf', 400, 'malformed'],
    ['/v1/trust/leaf?observer=', 400, 'malformed'],
  ])('GET %s: %i', async (path, status, code) => {
    const answer = await ask(api, path)
    expectProblem(answer, status)
    expect(answer.body['code']).toBe(code)
  })

  it('lists bonds and vouches', async () => {
    expect(await told('listBonds', '/v1/bonds')).toEqual([])
    expect(await told('listVouches', '/v1/vouches')).toEqual([])
    const bond = await written(api, 'bond.commit', { sources: ['acme'], lockDays: 7 })
    const vouch = await written(api, 'vouch.give', { to: 'leaf', watts: 10, days: 1 })
    expect(await told('listBonds', '/v1/bonds?society=sage')).toMatchObject([
      { id: bond, society: idOf(sage), capacity: 285, state: 'active', endedAt: null },
    ])
    expect(await told('listBonds', '/v1/bonds?society=leaf')).toEqual([])
    const open = { id: vouch, sponsor: idOf(sage), newcomer: idOf(leaf), watts: 10 }
    const lists = await Promise.all(
      ['', '?society=sage', '?society=leaf'].map((query) =>
        told('listVouches', `/v1/vouches${query}`),
      ),
    )
    const waiting = [{ ...open, state: 'open', acceptance: null }]
    expect(lists).toMatchObject([waiting, waiting, waiting])
    expect(await told('listVouches', '/v1/vouches?society=stranger')).toEqual([])
    await until('leaf has it', async () => {
      const answer = await post(leafApi, '/v1/records', { kind: 'vouch.accept', with: { vouch } })
      return answer.status === 201
    })
    await until('sage knows', () => sage.replica.society().vouches.given === 1)
    expect(await told('listVouches', '/v1/vouches')).toMatchObject([{ ...open, state: 'active' }])
    expectProblem(await ask(api, '/v1/bonds?society=nobody'), 404)
    expectProblem(await ask(api, '/v1/vouches?society=nobody'), 404)
  })
})

describe('the past', () => {
  const pathOf = (at: string): string => `/v1/societies/sage/history?at=${encodeURIComponent(at)}`

  it('is the view of a time, with what that is as of', async () => {
    const view = await told('getHistory', pathOf(early))
    expect(view).toMatchObject({
      id: idOf(sage),
      time: early,
      adp: { pool: 1000 },
      energy: { sources: {} },
      asOf: { at: early, pool: { changes: 1 } },
    })
    const now = await told('getHistory', '/v1/societies/sage/history')
    expect(now).toMatchObject({ adp: { pool: 905 }, asOf: { later: 0, others: [idOf(leaf)] } })
    const zoned = early.replace('Z', '+00:00')
    expect(await told('getHistory', pathOf(zoned))).toMatchObject({ time: early })
  })

  it.each([
    ['2999-01-01', 400, 'malformed', 'still to come'],
    ['2020-01-01', 404, 'unknown-reference', 'it was founded at'],
    ['2020-02-30', 400, 'malformed', 'must be a time'],
    ['1', 400, 'malformed', 'must be a time'],
    ['2020-01-01T00:00:00', 400, 'malformed', 'must be a time'],
  ])('at %s: %i %s', async (at, status, code, detail) => {
    const answer = await ask(api, pathOf(at))
    expectProblem(answer, status)
    expect(answer.body).toMatchObject({ code, detail: expect.stringContaining(detail) })
  })

  it('is asked for a few at a time', async () => {
    const busy = await serve(sage, {}, { historiesMax: 0 })
    const answer = await ask(busy, pathOf(early))
    expectProblem(answer, 429)
    expect(answer.body).toMatchObject({ code: 'rate-limited' })
    await busy.close()
    const gate = Promise.withResolvers<string>()
    const underWay = new UnderWay('questions')
    const key = {}
    const both = [1, 2].map(() => underWay.run(key, 2, () => gate.promise))
    await expect(underWay.run(key, 2, async () => 'third')).rejects.toMatchObject({
      code: 'rate-limited',
    })
    expect(await underWay.run({}, 2, async () => 'of another')).toBe('of another')
    gate.resolve('done')
    expect(await Promise.all(both)).toEqual(['done', 'done'])
    expect(await underWay.run(key, 2, async () => 'again')).toBe('again')
  })
})

describe('a listing of records', () => {
  it('goes on only after a record that is there, of that society and document', async () => {
    const [first] = (await told('listRecords', '/v1/records?document=pool&limit=1')) as unknown as [
      { id: string },
    ]
    const after = (query: string): Promise<Answered> => ask(api, `/v1/records?${query}`)
    expect(await after(`after=${first.id}`)).toMatchObject({ status: 200 })
    const unknown = await after(`after=${'0'.repeat(64)}:0`)
    expectProblem(unknown, 404)
    expect(unknown.body['code']).toBe('unknown-reference')
    for (const query of [`society=leaf&after=${first.id}`, `document=trust&after=${first.id}`]) {
      const foreign = await after(query)
      expectProblem(foreign, 400)
      expect(foreign.body).toMatchObject({ code: 'malformed', record: first.id })
    }
  })
})
