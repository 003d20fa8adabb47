import { nodeIdentityOf } from '../../node/simulate/simulated-keys.ts'
import { describe, expect, it } from 'vitest'
import type { ApiOptions } from '../../node/api/context.ts'
import { routes } from '../../node/api/routes/all.ts'
import { Failure } from '../../src/index.ts'
import { servedSocieties } from '../support/served-societies.ts'
import {
  ask,
  expectDescribed,
  expectProblem,
  measuredSource,
  measurementOf,
  post,
  serve,
  until,
  type Answered,
  type Society,
} from './api-fixture.ts'

let measure: ApiOptions['measure'] = async (request) => measurementOf(request)

const { api, sage, leaf } = await servedSocieties(
  { sage: '1000', leaf: '0' },
  { measure: (request) => measure(request) },
)

const idOf = ({ replica }: Society): string => replica.society().id
const write = (kind: string, given: object): Promise<Answered> =>
  post(api, '/v1/records', { kind, with: given })
async function written(kind: string, given: object): Promise<string> {
  const answer = await write(kind, given)
  expectDescribed('writeRecord', answer)
  return String(answer.body['id'])
}

describe('reading', () => {
  it.each([
    ['getStatus', '/v1/status'],
    ['listHeads', '/v1/heads'],
    ['getHealth', '/health'],
    ['getClock', '/v1/clock'],
    ['listSources', '/v1/sources'],
    ['listSocieties', '/v1/societies'],
    ['getSociety', '/v1/societies/sage'],
    ['getBacking', '/v1/societies/sage/backing'],
    ['listPeers', '/v1/peers'],
    ['listMembers', '/v1/members'],
    ['listTrades', '/v1/trades'],
    ['listRecords', '/v1/records'],
    ['describeApi', '/v1/openapi.json'],
    ['followEvents', '/v1/events?follow=false&after=0'],
  ])('%s answers as described', async (id, path) => {
    const answer = await ask(api, path)
    expectDescribed(id, answer)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('names the node beside its society', async () => {
    const { body } = await ask(api, '/v1/status')
    expect(body).toMatchObject({
      id: idOf(sage),
      name: 'sage',
      api: api.url,
      version: '0.0.0-test',
      peers: 1,
      health: { state: 'ok', reasons: [] },
      heads: sage.replica.documentHeads(),
    })
  })

  it.each(['leaf', '<id>', '<prefix>'])('finds a society by %s', async (by) => {
    const id = idOf(leaf)
    const text = by.replace('<id>', id).replace('<prefix>', id.slice(8, 30))
    const { status, body } = await ask(api, `/v1/societies/${encodeURIComponent(text)}`)
    expect({ status, id: body['id'] }).toEqual({ status: 200, id })
  })

  it.each([
    '/v1/societies/nobody',
    `/v1/societies/did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH`,
    '/v1/societies/nobody/backing',
    '/v1/records?society=nobody',
    '/v1/nothing',
  ])('GET %s: 404', async (path) => {
    const answer = await ask(api, path)
    expectProblem(answer, 404)
    expect(answer.body['code']).toBe('unknown-reference')
  })

  it.each([
    ['/v1/societies/did', 'did'],
    ['/v1/records?limit=0', 'query.limit must be >= 1'],
    ['/v1/records?limit=many', 'query.limit must be integer'],
    ['/v1/records?document=other', 'query.document'],
    ['/v1/records?colour=red', 'additional'],
    ['/v1/records?after=abc', 'whole id'],
    [`/v1/records?society=${'x'.repeat(200)}`, 'query.society'],
    ['/v1/events?after=soon', 'id of an event'],
    ['/%zz', 'url'],
  ])('GET %s: 400', async (path, detail) => {
    const answer = await ask(api, path)
    expectProblem(answer, 400)
    expect(answer.body).toMatchObject({
      code: 'malformed',
      detail: expect.stringContaining(detail),
    })
  })

  it('joins peers with the societies that certify them', async () => {
    const { body } = await ask(api, '/v1/peers')
    expect(body).toMatchObject([
      { peer: nodeIdentityOf('leaf').peerId, society: idOf(leaf), name: 'leaf', latencyMs: 1.5 },
      { peer: 'absent', society: null, name: null, since: null, lastFailure: 'no answer' },
    ])
  })

  it('lists societies by name', async () => {
    const { body } = await ask(api, '/v1/societies')
    expect(body).toMatchObject([
      { id: idOf(leaf), name: 'leaf', membership: 'member', member: true, self: false },
      { id: idOf(sage), name: 'sage', membership: 'member', self: true, adp: 1000 },
    ])
    const { body: membership } = await ask(api, '/v1/members')
    expect(membership).toEqual({
      members: [
        { id: idOf(leaf), name: 'leaf' },
        { id: idOf(sage), name: 'sage' },
      ],
      applicants: [],
      guests: [],
    })
  })

  it('lists records page by page', async () => {
    const page = async (query: string): Promise<readonly { id: string; kind: string }[]> => {
      const { body } = await ask(api, `/v1/records?document=trust&${query}`)
      return body as unknown as readonly { id: string; kind: string }[]
    }
    const all = await page('society=sage')
    expect(all.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['society.found', 'federation.join', 'node.certify']),
    )
    const first = await page('limit=1')
    const rest = await page(`after=${first[0]?.id}`)
    expect([...first, ...rest]).toEqual(all)
    expect(await page('kind=society.found')).toEqual(first)
  })
})

describe('writing', () => {
  it('answers 201 and the id of the record', async () => {
    const claim = await written('energy.prove', { source: 'wind:test:one', rated: 5 })
    const { body } = await ask(api, '/v1/records?kind=energy.prove')
    expect(body).toMatchObject([{ id: claim, void: null }])
  })

  it.each([
    ['trade.offer', { amount: 1 }, 409, 'insufficient-atp'],
    ['trade.offer', { amount: '1.2345' }, 409, 'invalid-amount'],
    ['trade.accept', { offer: 'abc' }, 409, 'unknown-reference'],
    ['atp.charge', { amount: 5, source: 'solar:test:nothing' }, 409, 'unknown-reference'],
    ['citizenship.apply', {}, 400, 'malformed'],
    ['citizenship.apply', { parent: 'leaf', colour: 'red' }, 400, 'malformed'],
    ['no.such', {}, 400, 'malformed'],
  ])('%s %j: %i %s', async (kind, given, status, code) => {
    const answer = await write(kind, given)
    expectProblem(answer, status)
    expect(answer.body['code']).toBe(code)
  })

  it('takes a proof by a caller for a claim of level 0, whatever it says', async () => {
    const id = await written('energy.prove', {
      source: 'solar:test:claimed',
      rated: 500,
      assurance: 1,
      evidence: 'ab'.repeat(32),
      simulated: true,
    })
    const { energy } = sage.replica.society()
    expect(energy.sources['solar:test:claimed']).toMatchObject({ assurance: 0, simulated: false })
    const answer = await write('atp.charge', { amount: 5, source: 'solar:test:claimed' })
    expect(answer).toMatchObject({ status: 409, body: { code: 'unverified-source' } })
    expect(id).toMatch(/^[0-9a-f]{64}:\d+$/)
  })

  it.each([
    ['no body', '', 'application/json', 400],
    ['broken JSON', '{"kind":', 'application/json', 400],
    ['a poisoned prototype', '{"kind":"a","__proto__":{}}', 'application/json', 400],
    ['no object', '[]', 'application/json', 400],
    ['no kind', '{}', 'application/json', 400],
    ['a field nobody knows', '{"kind":"a","colour":1}', 'application/json', 400],
    ['a form', 'kind=atp.charge', 'application/x-www-form-urlencoded', 415],
    ['text', '{"kind":"atp.charge"}', 'text/plain', 415],
    ['too much', JSON.stringify({ kind: 'x'.repeat(65_536) }), 'application/json', 413],
  ])('refuses %s', async (_what, body, type, status) => {
    const init = { method: 'POST', body, headers: { 'content-type': type } }
    const answer = await ask(api, '/v1/records', init)
    expectProblem(answer, status)
    expect(answer.body['code']).toBe(status === 413 ? 'too-large' : 'malformed')
    if (status === 415) expect(answer.body['detail']).toContain('application/json')
  })
})

describe('measuring', () => {
  const solar = { type: 'solar', sunspec: '127.0.0.1:502', unit: 1, site: '48.2,16.4' }
  const members = ['source', 'capacity', 'rated', 'degradation', 'output', 'site', 'method']

  it('shows a measurement, source and effective capacity first, and signs nothing', async () => {
    const before = await ask(api, '/v1/records?kind=energy.prove')
    const answer = await post(api, '/v1/measurements', { ...solar, dryRun: true })
    expectDescribed('measure', answer)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ source: measuredSource, capacity: 285, simulated: true })
    expect(Object.keys(answer.body).slice(0, 7)).toEqual(members)
    expect((await ask(api, '/v1/records?kind=energy.prove')).body).toEqual(before.body)
  })

  it('signs and publishes it', async () => {
    const answer = await post(api, '/v1/measurements', solar)
    expectDescribed('measure', answer)
    expect(answer.status).toBe(201)
    expect(Object.keys(answer.body).slice(0, 3)).toEqual(['id', 'source', 'capacity'])
    const source = sage.replica.society().energy.sources[measuredSource]
    expect(source).toMatchObject({ capacity: 285, assurance: 1, state: 'valid' })
    await written('atp.charge', { amount: 200, source: measuredSource })
  })

  it.each([
    [{ type: 'solar' }, 400],
    [{ ...solar, type: 'fusion' }, 400],
    [{ ...solar, unit: 248 }, 400],
    [{ ...solar, dryRun: 'yes' }, 400],
  ])('refuses %j', async (body, status) => {
    expectProblem(await post(api, '/v1/measurements', body), status)
  })

  it('tells what is wrong with a device', async () => {
    measure = () => Promise.reject(new Failure('source-unavailable', 'nothing listens there'))
    const answer = await post(api, '/v1/measurements', solar)
    expectProblem(answer, 502)
    expect(answer.body).toMatchObject({
      code: 'source-unavailable',
      detail: 'nothing listens there',
    })
  })

  it('takes a few at a time', async () => {
    const gate = Promise.withResolvers<ReturnType<typeof measurementOf>>()
    let begun = 0
    measure = () => ((begun += 1), gate.promise)
    const waiting = Array.from({ length: 4 }, () =>
      post(api, '/v1/measurements', { ...solar, dryRun: true }),
    )
    await until('four have begun', () => begun === 4)
    expectProblem(await post(api, '/v1/measurements', solar), 429)
    gate.resolve(measurementOf())
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    measure = async (request) => measurementOf(request)
  })

  it('tells nothing of a bug of its own but that there was one', async () => {
    measure = () => Promise.reject(new TypeError('secret'))
    const answer = await post(api, '/v1/measurements', solar)
    expectProblem(answer, 500)
    expect(answer.body['code']).toBe('internal')
    expect(JSON.stringify(answer.body)).not.toContain('secret')
    measure = async (request) => measurementOf(request)
  })
})

describe('confirming work', () => {
  it('has the beneficiary sign at just the confirmed quality', async () => {
    const ticket = await written('work.allocate', { amount: 10, worker: 'leaf' })
    const beneficiary = idOf(leaf)
    const completion = { ticket, quality: 0.9, beneficiary }
    const refused = await write('work.complete', completion)
    expect(refused).toMatchObject({ status: 409, body: { code: 'not-authorised' } })
    const leafApi = await serve(leaf)
    const confirm = (quality: unknown): Promise<Answered> =>
      post(leafApi, '/v1/confirmations', { ticket: ticket.slice(0, 12), quality })
    const confirmed = await confirm('0.9')
    expectDescribed('confirmWork', confirmed)
    expect(confirmed.body).toEqual({ ticket })
    expect(await confirm(2)).toMatchObject({ status: 409, body: { code: 'invalid-quality' } })
    expectProblem(await post(leafApi, '/v1/confirmations', { ticket: 'fff', quality: 1 }), 409)
    const [started, finished] = ['2026-06-21T08:00:00Z', '2026-06-21T09:00:00Z']
    for (const hours of [{ started }, { finished }, { started: finished, finished: started }]) {
      const wrong = await post(leafApi, '/v1/confirmations', { ticket, quality: 1, ...hours })
      expect(wrong).toMatchObject({ status: 400, body: { code: 'malformed' } })
    }
    await leafApi.close()
    const other = await write('work.complete', { ...completion, quality: 0.8 })
    expect(other.status).toBe(409)
    const completed = await write('work.complete', completion)
    expect(completed.status).toBe(201)
    const receipt = String(completed.body['id'])
    const notOurs = await post(api, '/v1/disowned', { receipt })
    expect(notOurs).toMatchObject({ status: 409, body: { code: 'not-authorised' } })
    expectProblem(await post(api, '/v1/disowned', { receipt: 'abc' }), 400)
  })

  it('is followed by disowning, for work that was done for this society', async () => {
    const ticket = await written('work.allocate', { amount: 1, worker: 'sage' })
    const receipt = await written('work.complete', { ticket, quality: 1 })
    const disowned = await post(api, '/v1/disowned', { receipt })
    expectDescribed('disownWork', disowned)
    expect(disowned).toMatchObject({ status: 201, body: { receipt } })
  })
})

describe('the description', () => {
  it('has every route, its parameters and its answers', async () => {
    const { body } = await ask(api, '/v1/openapi.json')
    expect(body).toMatchObject({ openapi: '3.1.0', security: [{ token: [] }] })
    const paths = body['paths'] as Record<string, Record<string, Record<string, unknown>>>
    for (const route of routes) {
      const operation = paths[route.path]?.[route.method.toLowerCase()]
      const parameters = operation?.['parameters'] as { name: string; in: string }[]
      const inPath = parameters.filter((each) => each.in === 'path').map(({ name }) => name)
      expect(inPath).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))
      const responses = Object.keys(operation?.['responses'] as object)
      expect(responses).toEqual(expect.arrayContaining(['403', String(route.answers[0].status)]))
    }
    expect(new Set(routes.map(({ id }) => id)).size).toBe(routes.length)
    expect(paths['/health']?.['get']?.['security']).toEqual([])
  })
})
