import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EventStreams } from '../../node/api/event-streams.ts'
import { apiLimits, type ApiLimits } from '../../node/api/limits.ts'
import type { Api } from '../../node/api/server.ts'
import { MemoryHub } from '../support/memory-network.ts'
import { ask, expectProblem, foundSociety, serve, token, until } from './api-fixture.ts'
import type { Society } from './api-fixture.ts'

let sage: Society
const open: Api[] = []

beforeAll(async () => {
  sage = await foundSociety(new MemoryHub(), 'sage')
})
afterEach(async () => {
  for (const api of open.splice(0)) await api.close()
})
afterAll(() => sage.replica.stop())

async function serveEvents(limits: Partial<ApiLimits> = {}, startedAt = 1): Promise<Api> {
  const api = await serve(sage, { startedAt }, limits)
  open.push(api)
  return api
}

type Frame = Readonly<Record<string, string>>

/** A client that reads a stream of events. */
class Reader {
  readonly frames: Frame[] = []
  readonly comments: string[] = []
  status = 0
  ended = false
  readonly #cut = new AbortController()

  async follow(api: Api, query = '', headers: Record<string, string> = {}): Promise<this> {
    const answer = await fetch(`${api.url}/v1/events${query}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: this.#cut.signal,
    })
    this.status = answer.status
    expect(answer.headers.get('content-type'), 'its form').toContain('text/event-stream')
    void this.#read(answer).catch(() => {})
    return this
  }

  async #read(answer: Response): Promise<void> {
    let rest = ''
    for await (const chunk of answer.body ?? []) {
      const parts = (rest + Buffer.from(chunk).toString()).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) this.#take(part)
    }
    this.ended = true
  }

  #take(part: string): void {
    if (part.startsWith(':')) return void this.comments.push(part)
    const lines = part.split('\n').map((line) => line.split(/: (.*)/s))
    const frame = Object.fromEntries(lines.map(([name, value]) => [name, value]))
    if (frame['event'] !== undefined) this.frames.push(frame)
  }

  close(): void {
    this.#cut.abort()
  }

  get types(): readonly (string | undefined)[] {
    return this.frames.map((frame) => frame['event'])
  }

  get numbers(): readonly (number | undefined)[] {
    return this.frames.map((frame) => JSON.parse(frame['data'] ?? '{}').data?.number)
  }
}

/** Has numbered events happen at the node. */
function happen(from: number, to: number, padding = ''): void {
  for (let number = from; number <= to; number++) {
    sage.replica.events.emit('test', Date.UTC(2026, 5, 21), { number, padding })
  }
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('a stream of events', () => {
  it('begins now, in order, with ids', async () => {
    const api = await serveEvents()
    happen(1, 3)
    const reader = await new Reader().follow(api)
    happen(4, 6)
    await until('three events', () => reader.frames.length === 3)
    expect(reader.numbers).toEqual([4, 5, 6])
    const newest = sage.replica.events.newestId
    expect(reader.frames.at(-1)?.['id']).toBe(`${newest}-1`)
    expect(JSON.parse(reader.frames.at(-1)?.['data'] ?? '')).toEqual({
      id: newest,
      time: '2026-06-21T00:00:00.000Z',
      type: 'test',
      data: { number: 6, padding: '' },
    })
    reader.close()
  })

  it.each(['Last-Event-ID', 'after'])('goes on after the id in %s', async (by) => {
    const api = await serveEvents()
    const first = await new Reader().follow(api)
    happen(1, 2)
    await until('two events', () => first.frames.length === 2)
    first.close()
    happen(3, 4)
    const last = first.frames.at(-1)?.['id'] ?? ''
    const second =
      by === 'after'
        ? await new Reader().follow(api, `?after=${last}`)
        : await new Reader().follow(api, '?after=0', { 'last-event-id': last })
    happen(5, 5)
    await until('what was missed and what is new', () => second.frames.length === 3)
    expect(second.numbers).toEqual([3, 4, 5])
    second.close()
  })

  it('tells where events are forgotten', async () => {
    const api = await serveEvents()
    happen(1, 10_100)
    const reader = await new Reader().follow(api, '?after=1')
    await until('all that is kept', () => reader.frames.length === 10_001)
    expect(reader.types[0]).toBe('gap')
    const first = sage.replica.events.newestId - 9_999
    expect(reader.frames[0]).toMatchObject({ id: `${first - 1}-1` })
    expect(JSON.parse(reader.frames[0]?.['data'] ?? '')).toEqual({
      reason: 'forgotten',
      next: first,
    })
    expect(reader.numbers.slice(1)).toEqual(range(101, 10_100))
    reader.close()
    const { body } = await ask(api, '/v1/events?follow=false&after=1')
    expect(body).toMatchObject({ gap: true })
  })

  it('tells a client of another run of the node that it has missed events', async () => {
    const api = await serveEvents({}, 2)
    for (const last of ['3-1', `${sage.replica.events.newestId + 5}`]) {
      const reader = await new Reader().follow(api, '', { 'last-event-id': last })
      await until('the gap', () => reader.frames.length > 0)
      expect(reader.types[0]).toBe('gap')
      expect(reader.types[1]).toBe('test')
      expect(JSON.parse(reader.frames[0]?.['data'] ?? '')).toMatchObject({ reason: 'restarted' })
      reader.close()
    }
  })

  it('is kept alive by comments', async () => {
    const api = await serveEvents({ heartbeatMs: 20 })
    const reader = await new Reader().follow(api)
    await until('three comments', () => reader.comments.length >= 3)
    expect(reader.frames).toEqual([])
    reader.close()
  })

  it('is refused where too many follow', async () => {
    const api = await serveEvents({ eventClientsMax: 2 })
    const readers = [await new Reader().follow(api), await new Reader().follow(api)]
    const answer = await ask(api, '/v1/events')
    expectProblem(answer, 429)
    expect(answer.headers.get('retry-after')).toBe('1')
    for (const reader of readers) reader.close()
    await until('a place is free', async () => {
      const reader = new Reader()
      await reader.follow(api).catch(() => {})
      reader.close()
      return reader.status === 200
    })
  })

  it('ends when the API closes', async () => {
    const api = await serveEvents()
    const reader = await new Reader().follow(api)
    await api.close()
    await until('the end', () => reader.ended)
  })
})

describe('a client that does not read', () => {
  const connectTo = (api: Api): ReturnType<typeof connect> => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    const lines = [
      'GET /v1/events?after=0 HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${token}`,
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    return socket.on('error', () => {})
  }
  // More than socket buffers take.
  const much = (): void => happen(1, 8_000, 'x'.repeat(2_000))

  it('is dropped', async () => {
    const api = await serveEvents({ slowClientMs: 300, eventClientsMax: 1 })
    much()
    const socket = connectTo(api)
    await once(socket, 'readable')
    await expect(new Reader().follow(api)).rejects.toThrow('its form')
    await until('its place is free', async () => {
      const reader = await new Reader().follow(api).catch(() => undefined)
      reader?.close()
      return reader !== undefined
    })
    socket.destroy()
  })

  it('has nothing kept for it meanwhile', async () => {
    const { events } = sage.replica
    const streams = new EventStreams(events, '1', apiLimits)
    const responses: ServerResponse[] = []
    const server = createServer((_request, response) => {
      responses.push(response)
      streams.open(response, { after: 0, restarted: false })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const socket = connectTo({ url: `http://127.0.0.1:${port}`, close: async () => {} })
    await once(socket, 'readable')
    much()
    happen(1, 1)
    expect(responses[0]?.writableNeedDrain).toBe(true)
    expect(responses[0]?.writableLength).toBeLessThan(100_000)
    streams.close()
    socket.destroy()
    server.close()
    await once(server, 'close')
  })

  it('catches up when it reads again in time', async () => {
    const api = await serveEvents({ slowClientMs: 20_000 })
    much()
    const newest = sage.replica.events.newestId
    const socket = connectTo(api)
    await once(socket, 'readable')
    await new Promise((resolve) => setTimeout(resolve, 100))
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
    await until('the newest event', () => said.includes(`\nid: ${newest}-1\n`))
    const ids = [...said.matchAll(/\nid: (\d+)-1\nevent: test\n/g)].map((match) => Number(match[1]))
    expect(ids).toEqual(range(newest - ids.length + 1, newest))
    expect(ids.length).toBeGreaterThan(8_000)
    socket.destroy()
  })
})
