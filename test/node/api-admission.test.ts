import { describe, expect, it } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { servedSocieties } from '../support/served-societies.ts'
import { ask, expectProblem, post, readToken, serve, until, type Answered } from './api-fixture.ts'

const { api, sage } = await servedSocieties({ sage: '0' })

async function answered(answer: Response): Promise<Answered> {
  const { status, headers } = answer
  return { status, headers, body: JSON.parse(await answer.text()) }
}

const asReader = async (at: Api, path: string, init: RequestInit = {}): Promise<Answered> => {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${readToken}`)
  return answered(await fetch(`${at.url}${path}`, { ...init, headers }))
}

const asStranger = async (at: Api, path: string): Promise<Answered> =>
  answered(await fetch(`${at.url}${path}`))

describe('the token for reading', () => {
  it('reads whatever can be read', async () => {
    expect((await asReader(api, '/v1/status')).status).toBe(200)
    expect((await asReader(api, '/v1/records')).status).toBe(200)
  })

  it.each([
    '/v1/records',
    '/v1/stop',
    '/v1/backup',
    '/v1/measurements',
    '/v1/resume',
    '/v1/network/blocked',
  ])('writes nothing at %s', async (path) => {
    const body = JSON.stringify({ kind: 'federation.join', with: { federation: 'x' } })
    const headers = { 'content-type': 'application/json' }
    const answer = await asReader(api, path, { method: 'POST', body, headers })
    expectProblem(answer, 403)
    expect(answer.body['code']).toBe('not-authorised')
  })
})

describe('too many requests', () => {
  it('are answered 429 with when to come back, each kind of caller by itself', async () => {
    const few = { readerRequestsMax: 3, strangerRequestsMax: 2, rateWindowMs: 60_000 }
    const busy = await serve(sage, {}, few)
    for (let i = 0; i < 3; i++) expect((await asReader(busy, '/v1/status')).status).toBe(200)
    const refused = await asReader(busy, '/v1/status')
    expectProblem(refused, 429)
    expect(refused.body['code']).toBe('rate-limited')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)
    for (let i = 0; i < 2; i++) expect((await asStranger(busy, '/v1/status')).status).toBe(401)
    expectProblem(await asStranger(busy, '/health'), 429)
    expect((await ask(busy, '/v1/status')).status).toBe(200)
    await busy.close()
  })

  it('are forgotten after their window', async () => {
    const busy = await serve(sage, {}, { readerRequestsMax: 1, rateWindowMs: 200 })
    expect((await asReader(busy, '/v1/status')).status).toBe(200)
    expect((await asReader(busy, '/v1/status')).status).toBe(429)
    await until(
      'the window is over',
      async () => (await asReader(busy, '/v1/heads')).status === 200,
    )
    await busy.close()
  })
})

describe('a node that has too much to do', () => {
  it('turns requests away, but not whoever looks what is wrong', async () => {
    // Any heap is more than this share of its limit.
    const loaded = await serve(sage, {}, { heapShareMax: 0.000_001 })
    let refused: Answered | undefined
    await until('the load is seen', async () => {
      refused = await ask(loaded, '/v1/status')
      return refused.status === 503
    })
    expectProblem(refused ?? (await ask(loaded, '/v1/status')), 503)
    expect(refused?.headers.get('retry-after')).toBe('2')
    expectProblem(await post(loaded, '/v1/records', { kind: 'x' }), 503)
    for (const path of ['/health', '/v1/vitals']) {
      expect((await ask(loaded, path)).status).toBe(200)
    }
    const headers = { authorization: `Bearer ${readToken}` }
    const metrics = await (await fetch(`${loaded.url}/metrics`, { headers })).text()
    expect(metrics).toMatch(/^society_http_turned_away_total\{reason="pressure"\} \d+$/m)
    await loaded.close()
  })
})
