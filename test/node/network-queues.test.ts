import { describe, expect, test } from 'vitest'
import { Counters } from '../../node/network/counters.ts'
import { networkLimits as limits } from '../../node/network/limits.ts'
import { PublishQueue } from '../../node/network/publish-queue.ts'
import { VerdictQueue } from '../../node/network/verdict-queue.ts'
import type { PendingMessage } from '../../node/network/verdict-queue.ts'
import type { GossipVerdict, Log } from '../../src/ports.ts'
import { pause, until } from '../contracts/network.ts'

const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

const message = (peer: string, id: string, bytes = 10): PendingMessage => ({
  peer,
  id,
  topic: 't',
  data: new Uint8Array(bytes),
  arrivedMs: performance.now(),
})
const verdictQueue = (
  change: Partial<typeof limits>,
  judge: (message: PendingMessage) => Promise<GossipVerdict>,
) => {
  const settled: string[] = []
  const counters = new Counters()
  const queue = new VerdictQueue({
    limits: { ...limits, ...change },
    counters,
    log: silentLog,
    nowMs: () => performance.now(),
    judge,
    settle: ({ id }, verdict) => void settled.push(`${id} ${verdict}`),
  })
  return { queue, settled, counters }
}

const never = (): Promise<GossipVerdict> => new Promise(() => undefined)

describe('the verdict queue', () => {
  test('peers take turns, and only so many are judged at once', async () => {
    let judging = 0
    let most = 0
    const { queue, settled } = verdictQueue({ verdictsMax: 2 }, async () => {
      most = Math.max(most, ++judging)
      await pause(1)
      judging -= 1
      return 'accept'
    })
    for (let n = 0; n < 4; n++) queue.push(message('loud', `l${n}`))
    queue.push(message('calm', 'c0'))
    await until('all settled', () => settled.length === 5)
    expect(settled.slice(0, 2).sort()).toEqual(['c0 accept', 'l0 accept'])
    expect(most).toBe(2)
  })

  test('is bounded in messages, bytes and per peer; what is dropped is ignored', async () => {
    const full = verdictQueue({ verdictQueueMax: 3, verdictQueuePerPeerMax: 2 }, never)
    for (const id of ['a1', 'a2', 'a3', 'b1', 'b2']) full.queue.push(message(id.charAt(0), id))
    expect(full.settled).toEqual(['a3 ignore', 'b2 ignore'])
    const heavy = verdictQueue({ verdictQueueBytesMax: 100 }, never)
    for (const id of ['a', 'b', 'c']) heavy.queue.push(message('a', id, 50))
    expect(heavy.settled).toEqual(['c ignore'])
    expect(heavy.counters.value('gossip.dropped-queue-full')).toBe(1)
    full.queue.stop()
    heavy.queue.stop()
  })

  test('a verdict that comes late is ignored, once, and its place stays taken', async () => {
    const { promise, resolve } = Promise.withResolvers<GossipVerdict>()
    const { queue, settled, counters } = verdictQueue(
      { verdictMs: 30, verdictsMax: 1 },
      () => promise,
    )
    queue.push(message('a', 'slow'))
    queue.push(message('a', 'behind'))
    await until('late', () => settled.length === 1)
    await pause(20)
    expect(settled).toEqual(['slow ignore'])
    resolve('reject')
    await until('the next', () => settled.length === 2)
    expect(settled).toEqual(['slow ignore', 'behind ignore'])
    expect(counters.value('gossip.dropped-late')).toBe(1)
  })

  test('a judge that throws, at once or later, costs nobody anything', async () => {
    const { queue, settled } = verdictQueue({}, (one) => {
      if (one.id === 'now') throw new RangeError('a bug')
      return Promise.reject(new RangeError('a bug'))
    })
    queue.push(message('a', 'now'))
    queue.push(message('a', 'then'))
    await until('both', () => settled.length === 2)
    expect(settled).toEqual(['now ignore', 'then ignore'])
  })
})

const publishQueue = (change: Partial<typeof limits>, send?: () => Promise<void>) => {
  const sent: string[] = []
  const counters = new Counters()
  const queue = new PublishQueue({
    limits: { ...limits, ...change },
    counters,
    log: silentLog,
    nowMs: () => performance.now(),
    async send(_topic, data) {
      await send?.()
      sent.push(new TextDecoder().decode(data))
    },
  })
  const push = (text: string): void => queue.push('t', new TextEncoder().encode(text))
  return { queue, push, sent, counters }
}

describe('the publish queue', () => {
  test('keeps the order and the pace', async () => {
    const began = performance.now()
    const sentAfterMs: number[] = []
    const { push, sent, queue } = publishQueue({ publishesPerSecond: 10 }, async () => {
      sentAfterMs.push(performance.now() - began)
    })
    for (let n = 0; n < 14; n++) push(String(n))
    await until('all', () => sent.length === 14)
    // A second's worth at once, and then one each 100 ms; timers may be a little early.
    expect(sentAfterMs[10]).toBeGreaterThan(90)
    expect(sentAfterMs[13]).toBeGreaterThan(390)
    expect(sent.map(Number)).toEqual(Array.from({ length: 14 }, (_, n) => n))
    queue.stop()
  })

  test('drops the oldest when it is full, and what is too large', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { push, sent, counters } = publishQueue(
      { publishQueueMax: 2, gossipBytesMax: 5 },
      () => promise,
    )
    for (const text of ['1', '2', '3', '4', 'too large']) push(text)
    resolve()
    await until('sent', () => sent.length === 3)
    expect(sent).toEqual(['1', '3', '4'])
    expect(counters.all()).toMatchObject({
      'publish.dropped-queue-full': 1,
      'publish.dropped-too-large': 1,
    })
  })

  test('one that cannot be sent does not hold up the others', async () => {
    let tries = 0
    const { push, sent, counters } = publishQueue({}, async () => {
      if (tries++ === 0) throw new RangeError('no')
    })
    push('lost')
    push('kept')
    await until('sent', () => sent.length === 1)
    push('later')
    await until('sent too', () => sent.length === 2)
    expect(sent).toEqual(['kept', 'later'])
    expect(counters.value('publish.failed')).toBe(1)
  })
})
