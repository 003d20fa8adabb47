import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { servedSocieties } from '../support/served-societies.ts'
import { ask, expectProblem, post, serve, token, until } from './api-fixture.ts'

const { api, sage } = await servedSocieties({ sage: '0' })

/** Status and code of an answer to a request whose every header is given. */
async function knock(
  at: Api,
  headers: Readonly<Record<string, string>>,
  path = '/v1/status',
): Promise<string> {
  const asked = request(`${at.url}${path}`, { headers, agent: false })
  asked.end()
  const [answer] = await once(asked, 'response')
  const body = JSON.parse(await text(answer))
  return `${answer.statusCode} ${body.code ?? 'ok'}`
}

/** What a server says to raw bytes. */
async function say(at: Api, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(at.url).port), '127.0.0.1')
  socket.end(bytes)
  return text(socket)
}

const bearer = { authorization: `Bearer ${token}` }
const port = (at: Api): string => new URL(at.url).port

describe('the token', () => {
  it.each([
    ['none', {}],
    ['another', { authorization: `Bearer ${'cd'.repeat(32)}` }],
    ['a part', { authorization: `Bearer ${token.slice(0, 32)}` }],
    ['too much', { authorization: `Bearer ${token}0` }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('%s: 401 everywhere but at /health', async (_what, headers: Record<string, string>) => {
    for (const path of ['/v1/status', '/v1/openapi.json', '/v1/events', '/v1/nothing']) {
      expect(await knock(api, headers, path)).toBe('401 not-authorised')
    }
    expect(await knock(api, headers, '/health')).toBe('200 ok')
  })

  it('is asked for before the body is looked at', async () => {
    const answer = await fetch(`${api.url}/v1/records`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('opens', async () => {
    expect(await knock(api, bearer)).toBe('200 ok')
    expect(await knock(api, { authorization: `bearer ${token}` })).toBe('200 ok')
  })
})

describe('Host and Origin, with the right token', () => {
  it.each([
    ['127.0.0.1:<port>', '200 ok'],
    ['localhost:<port>', '200 ok'],
    ['LOCALHOST', '200 ok'],
    ['[::1]:<port>', '200 ok'],
    // A name that was rebound to this machine, and things that look like ours.
    ['attacker.example:<port>', '403 not-authorised'],
    ['127.0.0.1.attacker.example', '403 not-authorised'],
    ['localhost@attacker.example', '403 not-authorised'],
    ['192.0.2.7', '403 not-authorised'],
    ['127.0.0.1:<port>:1', '403 not-authorised'],
  ])('Host %s: %s', async (host, answer) => {
    const headers = { ...bearer, host: host.replace('<port>', port(api)) }
    expect(await knock(api, headers)).toBe(answer)
    expect(await knock(api, headers, '/health')).toBe(answer)
  })

  it('refuses an HTTP/1.0 request without a Host', async () => {
    const said = await say(api, `GET /v1/status HTTP/1.0\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    expect(said).toContain(' 403 ')
  })

  it('refuses a request with two Hosts, whichever comes first', async () => {
    const hosts = [`127.0.0.1:${port(api)}`, 'attacker.example']
    for (const [first, second] of [hosts, hosts.toReversed()]) {
      const head = `Host: ${first}\r\nHost: ${second}\r\nAuthorization: Bearer ${token}\r\n`
      expect(await say(api, `GET /v1/status HTTP/1.1\r\n${head}\r\n`)).toContain(' 403 ')
    }
  })

  it.each([
    ['http://<host>', '200 ok'],
    ['http://localhost:<port>', '403 not-authorised'],
    ['http://127.0.0.1:1', '403 not-authorised'],
    ['https://<host>', '403 not-authorised'],
    ['https://attacker.example', '403 not-authorised'],
    ['null', '403 not-authorised'],
    ['', '403 not-authorised'],
  ])('Origin %s: %s', async (origin, answer) => {
    const host = `127.0.0.1:${port(api)}`
    const given = origin.replace('<host>', host).replace('<port>', port(api))
    expect(await knock(api, { ...bearer, host, origin: given })).toBe(answer)
  })

  it('gives no page of another origin leave to read', async () => {
    const answer = await fetch(`${api.url}/v1/status`, { method: 'OPTIONS', headers: bearer })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('access-control-allow-origin')).toBe(null)
  })

  it('knows the configured host, and addresses where all interfaces are listened on', async () => {
    const everywhere = await serve(sage, { host: '0.0.0.0' })
    expect(everywhere.url).toBe(`http://127.0.0.1:${port(everywhere)}`)
    expect(await knock(everywhere, { ...bearer, host: '192.0.2.7:80' })).toBe('200 ok')
    expect(await knock(everywhere, { ...bearer, host: 'sage.example' })).toBe('403 not-authorised')
    await everywhere.close()
  })
})

describe('a server', () => {
  it('answers what is not HTTP with a problem', async () => {
    const said = await say(api, 'HELLO\r\n\r\n')
    expect(said).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"malformed"/)
    const long = await say(api, `GET / HTTP/1.1\r\nHost: ${'x'.repeat(40_000)}\r\n\r\n`)
    expect(long).toMatch(/^HTTP\/1\.1 431 [^]*"code":"too-large"/)
  })

  it('reads no more of a body than its limit', async () => {
    const small = await serve(sage, {}, { bodyBytesMax: 100 })
    const answer = await post(small, '/v1/records', { kind: 'x'.repeat(100) })
    expectProblem(answer, 413)
    expect(answer.body['detail']).toBe('A body has at most 100 bytes.')
    await small.close()
  })

  it('says that a port is in use', async () => {
    const second = serve(sage, { port: Number(port(api)) })
    await expect(second).rejects.toMatchObject({ code: 'port-in-use' })
    const nowhere = serve(sage, { host: '192.0.2.7' })
    await expect(nowhere).rejects.toMatchObject({ code: 'malformed' })
  })

  it('tells of a damaged store, and goes on', async () => {
    const message = 'the table 000005.ldb does not fit its checksums'
    const ill = await serve(sage, { scrubbed: () => ({ soundAt: 1, damage: message }) })
    const { status, body } = await ask(ill, '/v1/status')
    const reasons = [{ code: 'store-damaged', message }]
    expect([status, body['health']]).toMatchObject([200, { state: 'ok', reasons }])
    expect((await fetch(`${ill.url}/health`)).status).toBe(200)
    await ill.close()
  })

  it('tells of a ledger that has stopped', async () => {
    const broken = { jobs: 0, waiting: 0, broken: 'the disk is full' }
    const replica = new Proxy(sage.replica, {
      get: (of, name) => (name === 'health' ? () => broken : Reflect.get(of, name, of)),
    })
    const ill = await serve({ ...sage, replica })
    expect(await ask(ill, '/health')).toMatchObject({ status: 503, body: { state: 'bad' } })
    await ill.close()
  })

  it('stops when it is told to, once, after the answer', async () => {
    let stops = 0
    const stopping = await serve(sage, { onStop: () => (stops += 1) })
    expect(await knock(stopping, {}, '/v1/stop')).toBe('401 not-authorised')
    expect((await ask(stopping, '/v1/stop', { method: 'GET' })).status).toBe(404)
    expect(stops).toBe(0)
    const answer = await ask(stopping, '/v1/stop', { method: 'POST' })
    expect(answer).toMatchObject({ status: 202, body: { stopping: true } })
    await until('it was told', () => stops === 1)
    await stopping.close()
    await stopping.close()
    await expect(fetch(`${stopping.url}/health`)).rejects.toThrow()
  })

  it('lets an answer under way end when it closes, and takes no more', async () => {
    const gate = Promise.withResolvers<never>()
    let begun = false
    const closing = await serve(sage, { measure: () => ((begun = true), gate.promise) })
    const body = { type: 'solar', sunspec: '127.0.0.1:502', dryRun: true }
    const answer = post(closing, '/v1/measurements', body)
    await until('it is under way', () => begun)
    const closed = closing.close()
    gate.reject(new TypeError('over'))
    expect((await answer).status).toBe(500)
    await closed
  })

  it('does not wait for connections on which nothing is under way', async () => {
    const closing = await serve(sage, {}, { closeGraceMs: 30_000 })
    const silent = connect(Number(port(closing)), '127.0.0.1')
    await once(silent, 'connect')
    // Used, and kept open for the next request.
    await ask(closing, '/health')
    const began = performance.now()
    await closing.close()
    expect(performance.now() - began).toBeLessThan(10_000)
    silent.destroy()
  })

  it('does not wait for ever for an answer', async () => {
    let begun = false
    const measure = (): Promise<never> => ((begun = true), new Promise(() => {}))
    const stuck = await serve(sage, { measure }, { closeGraceMs: 50 })
    const body = { type: 'solar', sunspec: '127.0.0.1:502', dryRun: true }
    const answer = post(stuck, '/v1/measurements', body).catch(() => 'torn')
    await until('it is under way', () => begun)
    await stuck.close()
    expect(await answer).toBe('torn')
  })
})
