import { describe, expect, test } from 'vitest'
import { Counters } from '../../node/network/counters.ts'
import { GossipBudget } from '../../node/network/gossip-budget.ts'
import type { GossipFrame } from '../../node/network/gossip-internals.ts'
import { networkLimits as limits } from '../../node/network/limits.ts'
import { firstMessageId, messageId, messageIdText } from '../../node/network/message-id.ts'
import { PeerScores } from '../../node/network/peer-scores.ts'

describe('peer scores', () => {
  test('cut off at the limit, refuse for a while, and remember half', () => {
    const scores = new PeerScores(limits)
    expect(scores.penalise('a', 'something', 0)).toBe(false)
    expect(scores.score('a', 0)).toBe(0)
    expect(scores.penalise('a', 'bad-signature', 0)).toBe(false)
    expect(scores.score('a', 0)).toBe(-24)
    expect(scores.penalise('a', 'bad-signature', 0)).toBe(false)
    expect(scores.penalise('a', 'something', 0)).toBe(true)
    expect(scores.penalise('a', 'something', 1)).toBe(false)
    expect(scores.refused('a', limits.refusalMs - 1)).toBe(true)
    expect(scores.refused('a', limits.refusalMs)).toBe(false)
    expect(scores.points('a', limits.refusalMs)).toBe(50)
    expect(scores.refused('b', 0)).toBe(false)
  })

  test('let points lapse', () => {
    const scores = new PeerScores(limits)
    for (let minute = 0; minute < 100; minute++) {
      expect(scores.penalise('a', 'out-of-order', minute * 60_000)).toBe(false)
    }
    expect(scores.points('a', 200 * 60_000)).toBe(0)
    expect(scores.penalise('b', 'graylisted', 0)).toBe(true)
  })

  test('remember a bounded number of peers, the latest', () => {
    const scores = new PeerScores({ ...limits, scoredPeersMax: 2 })
    for (const peer of ['a', 'b', 'a', 'c']) scores.penalise(peer, 'something', 0)
    expect(['a', 'b', 'c'].map((peer) => scores.points(peer, 0))).toEqual([40, 0, 20])
  })
})

const frame = (count: number, bytes = 10, topic = 't'): GossipFrame => ({
  subscriptions: [],
  messages: Array.from({ length: count }, () => ({ topic, data: new Uint8Array(bytes) })),
})
const setUp = () => {
  const charged: string[] = []
  const clock = { nowMs: 0 }
  const budget = new GossipBudget({
    limits,
    counters: new Counters(),
    nowMs: () => clock.nowMs,
    wants: (topic) => topic === 't',
    penalise: (peer, code) => void charged.push(`${peer} ${code}`),
  })
  const admit = (count: number, bytes?: number, topic?: string): number =>
    budget.admit('a', frame(count, bytes, topic)).messages.length
  return { charged, clock, budget, admit }
}

describe('the gossip budget', () => {
  test('lets a burst through, then the rate, for each peer on its own', () => {
    const { admit, budget, clock, charged } = setUp()
    expect(admit(limits.gossipMessagesBurst + 100)).toBe(limits.gossipMessagesBurst)
    expect(admit(1)).toBe(0)
    expect(budget.admit('b', frame(5)).messages).toHaveLength(5)
    clock.nowMs = 1000
    expect(admit(1000)).toBe(limits.gossipMessagesPerSecond)
    expect(charged).toEqual([])
  })

  test('charges far too much once a second, and bytes as well as messages', () => {
    const { admit, clock, charged } = setUp()
    admit(limits.gossipMessagesBurst)
    for (clock.nowMs = 0; clock.nowMs < 3000; clock.nowMs += 100) admit(500)
    expect(charged).toEqual(['a rate-limited', 'a rate-limited', 'a rate-limited'])
    const other = setUp()
    const quarter = 256 * 1024
    expect(other.admit(100, quarter)).toBe(64)
    expect(other.admit(1, quarter + 1)).toBe(0)
    expect(other.charged).toEqual(['a too-large'])
  })

  test('drops messages of topics nobody listens to, and topics too long', () => {
    const { admit, budget } = setUp()
    expect(admit(3, 10, 'other')).toBe(0)
    const subscriptions = [
      { subscribe: true, topic: 'x'.repeat(limits.topicLengthMax) },
      { subscribe: true, topic: 'x'.repeat(limits.topicLengthMax + 1) },
      { subscribe: true, topic: undefined },
    ]
    const admitted = budget.admit('a', { subscriptions, messages: [] })
    expect(admitted.subscriptions).toHaveLength(1)
  })

  test('charges floods of subscriptions, but loses none of them', () => {
    const { budget, charged } = setUp()
    const subscriptions = Array.from({ length: 5000 }, (_, n) => ({
      subscribe: n % 2 === 0,
      topic: `x${n % 7}`,
    }))
    for (let n = 0; n < 20; n++) {
      const admitted = budget.admit('a', { subscriptions: [...subscriptions], messages: [] })
      expect(admitted.subscriptions).toHaveLength(5000)
    }
    expect(charged).toEqual(['a rate-limited'])
  })

  test('charges subscriptions that are told one by one like messages', () => {
    const { budget, charged } = setUp()
    const subscriptions = [{ subscribe: true, topic: 'x' }]
    const tell = (times: number): void => {
      for (let n = 0; n < times; n++) budget.admit('a', { subscriptions, messages: [] })
    }
    tell(limits.gossipMessagesBurst)
    expect(charged).toEqual([])
    tell(limits.gossipExcessPerSecond)
    expect(charged).toEqual(['a rate-limited'])
  })
})

describe('message ids (R71)', () => {
  test('depend on topic and data, and are the same however they are asked for', () => {
    const data = Uint8Array.of(1, 2, 3)
    const id = messageId({ topic: 'a', data })
    expect(id).toHaveLength(20)
    expect(messageIdText(id)).toBe(firstMessageId({ topic: 'a', data: data.slice() }))
    const others = [
      { topic: 'b', data },
      { topic: 'a', data: Uint8Array.of(1, 2) },
      { topic: 'a' },
      { topic: 'a\0', data },
    ].map(firstMessageId)
    expect(new Set([...others, messageIdText(id)]).size).toBe(5)
  })
})
