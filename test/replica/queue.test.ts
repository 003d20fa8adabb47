import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { auditPlace } from '../../src/queue/audit.ts'
import { orderQueue, rankOf, tierOf, type Ranked } from '../../src/queue/order.ts'
import { countFault, impossibleFault, requestsAllowed } from '../../src/queue/refusals.ts'
import type { Receiver } from '../../src/queue/refusals.ts'
import type { Entry } from '../../src/queue/request.ts'
import { servable } from '../../src/queue/serve.ts'

const hour = 3_600_000
const ageingMs = 6 * hour
const key = (name: string): SocietyKey => name as SocietyKey
const id = (name: string, place = 0): RecordId => `${name}:${place}` as RecordId

const entry = (name: string, given: Partial<Entry> = {}): Entry => ({
  id: id(name),
  requester: key(name),
  to: key('sage'),
  amount: 100,
  urgency: 500_000,
  efficiency: 500_000,
  submittedAt: 0,
  deadline: null,
  critical: false,
  arrivedAt: 0,
  refused: null,
  served: null,
  dropped: false,
  ...given,
})

const order = (entries: readonly Entry[], now: number, trust: Record<string, number> = {}) =>
  orderQueue(entries, { now, ageingMs, trustOf: (requester) => trust[requester] ?? 140_000 })
const names = (queue: readonly Ranked[]): string => queue.map((each) => each.requester).join(' ')

describe('the order of the queue (Q4, Q5)', () => {
  it.each([
    [1_000_000, 1],
    [900_000, 1],
    [899_999, 3],
    [700_000, 3],
    [699_999, 5],
    [500_000, 5],
    [499_999, 7],
    [300_000, 7],
    [299_999, 10],
    [0, 10],
  ])('trust %i is class %i', (trust, expected) => {
    expect(rankOf(entry('ada'), tierOf(trust), 0).class).toBe(expected)
  })

  it('is by class, urgency x efficiency, submission and id', () => {
    const entries = [
      entry('d', { submittedAt: 2 }),
      entry('c', { submittedAt: 1 }),
      entry('b', { submittedAt: 1 }),
      entry('e', { urgency: 1_000_000, efficiency: 250_001, submittedAt: 3 }),
      entry('f', { submittedAt: 9 }),
      entry('g', { submittedAt: 10, critical: true }),
    ]
    expect(names(order(entries, 10, { f: 300_000 }))).toBe('g f e b c d')
  })

  it('lets nobody wait for ever, whatever keeps arriving', () => {
    const old = entry('old', { urgency: 0 })
    const firstAt = (now: number): string => {
      const fresh = entry('new', { urgency: 1_000_000, submittedAt: now - 1 })
      return order([fresh, old], now, { new: 1_000_000 })[0]?.requester ?? ''
    }
    expect(firstAt(5 * ageingMs - 1)).toBe('new')
    expect(firstAt(5 * ageingMs)).toBe('old')
    expect(firstAt(500 * ageingMs)).toBe('old')
  })

  it('is the same in whatever order it is looked at', () => {
    const some = fc.record({
      urgency: fc.constantFrom(0, 500_000, 1_000_000),
      submittedAt: fc.integer({ min: 0, max: 40 * hour }),
    })
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (list, draw) => {
        const entries = list.map((given, at) => entry(`n${at}`, given))
        const shuffled = [...entries].sort(() => ((draw.next().value ?? 0) % 2) - 0.5)
        expect(names(order(shuffled, 40 * hour))).toBe(names(order(entries, 40 * hour)))
      }),
    )
  })
})

describe('serving (Q6)', () => {
  const means = { now: 0, free: 250, isPossible: () => true }

  it('lets what fits pass what does not', () => {
    const queue = order([entry('a', { amount: 300 }), entry('b'), entry('c', { amount: 151 })], 0)
    expect(names(servable(queue, means))).toBe('b')
    expect(names(servable(queue, { ...means, free: 251 }))).toBe('b c')
    expect(names(servable(queue, { ...means, free: 551 }))).toBe('a b c')
  })

  it('keeps free ATP for a head that has waited a day, unless nothing could ever serve it', () => {
    const late = entry('b', { submittedAt: 24 * hour - 1 })
    const queue = (now: number): readonly Ranked[] =>
      order([entry('a', { amount: 300 }), late], now)
    const just = { ...means, now: 24 * hour }
    expect(names(servable(queue(24 * hour - 1), { ...means, now: 24 * hour - 1 }))).toBe('b')
    expect(names(servable(queue(24 * hour), just))).toBe('')
    expect(names(servable(queue(24 * hour), { ...just, isPossible: () => false }))).toBe('b')
  })

  it('keeps nothing for who is not the head', () => {
    const head = entry('a', { amount: 300, critical: true, submittedAt: 20 * hour })
    const second = entry('b', { amount: 300 })
    const queue = order([head, second, entry('c', { submittedAt: 20 * hour })], 25 * hour)
    expect(names(servable(queue, { ...means, now: 25 * hour }))).toBe('c')
  })
})

/** A receiver of a thousand mW, in whose eyes everybody has a bond and little trust. */
const receiver = (given: Partial<Receiver> = {}): Receiver => ({
  capacity: 1_000,
  held: 0,
  queued: 0,
  recent: [],
  trustOf: () => 140_000,
  hasActiveBond: () => true,
  ...given,
})

const askedFor = (amount: number) => entry('ada', { amount, submittedAt: 10 * hour })

/** Requests of one requester at these instants. */
const askedAt = (...times: readonly number[]) =>
  times.map((each) => ({ requester: key('ada'), at: each }))

describe('refusing a request (Q8)', () => {
  const codeOf = (given: Partial<Receiver>) => countFault(askedFor(1), receiver(given))?.code

  it('is impossible beyond both an hour of watts and what is held', () => {
    expect(impossibleFault(askedFor(1_000), receiver())).toBeNull()
    expect(impossibleFault(askedFor(1_001), receiver())?.code).toBe('impossible-request')
    expect(impossibleFault(askedFor(1_001), receiver({ held: 1_001 }))).toBeNull()
  })

  it.each([
    [0, 1],
    [140_000, 1],
    [199_999, 1],
    [200_000, 2],
    [500_000, 5],
    [999_999, 9],
    [1_000_000, 10],
  ])('trust %i allows %i an hour', (trust, expected) => {
    expect(requestsAllowed(trust)).toBe(expected)
  })

  it('counts the requests of any 60 minutes', () => {
    expect(codeOf({ recent: askedAt(9 * hour) })).toBeUndefined()
    expect(codeOf({ recent: askedAt(9 * hour + 1) })).toBe('rate-limited')
    const trusted = { trustOf: () => 200_000 }
    expect(codeOf({ ...trusted, recent: askedAt(9 * hour + 1) })).toBeUndefined()
    expect(codeOf({ ...trusted, recent: askedAt(9 * hour + 1, 10 * hour) })).toBe('rate-limited')
  })

  it('shares ten an hour among all without a bond', () => {
    const others = Array.from({ length: 10 }, (_, at) => ({
      requester: key(`n${at}`),
      at: 10 * hour,
    }))
    const unbonded = { hasActiveBond: () => false }
    expect(codeOf({ ...unbonded, recent: others.slice(1) })).toBeUndefined()
    expect(codeOf({ ...unbonded, recent: others })).toBe('rate-limited')
    expect(codeOf({ recent: others })).toBeUndefined()
    const bonded = { hasActiveBond: (society: SocietyKey) => society !== 'ada' && society !== 'n0' }
    expect(codeOf({ ...bonded, recent: others })).toBeUndefined()
  })

  it('is full at 10,000', () => {
    expect(codeOf({ queued: 9_999 })).toBeUndefined()
    expect(codeOf({ queued: 10_000 })).toBe('queue-full')
  })
})

/** A request that was served at an instant, in the class that its ticket tells. */
const served = (name: string, at: number, told: number | null, given: Partial<Entry> = {}) =>
  entry(name, { ...given, served: { ticket: id(`ticket-${name}`), at, class: told } })
const verdictOf = (asked: Entry, ...others: readonly Entry[]) =>
  auditPlace(asked, [asked, ...others], ageingMs, 100 * hour)

describe('the audit of a place (Q9)', () => {
  it('finds nothing where the better class went first', () => {
    const asked = served('ada', 2 * hour, 10)
    expect(verdictOf(asked, served('bo', hour, 7)).verdict).toBe('honoured')
    expect(verdictOf(asked, served('bo', 3 * hour, 10)).verdict).toBe('honoured')
  })

  it('finds who was served out of turn', () => {
    const asked = served('ada', 2 * hour, 7)
    const { verdict, problems } = verdictOf(asked, served('bo', hour, 10))
    expect(verdict).toBe('not-honoured')
    expect(problems).toMatchObject([{ kind: 'passed-over', record: 'ticket-bo:0' }])
    // Smaller work may pass, and so may what came at the same class with more urgency.
    expect(verdictOf(asked, served('bo', hour, 10, { amount: 99 })).verdict).toBe('honoured')
    const urgent = served('bo', hour, 7, { urgency: 600_000 })
    expect(verdictOf(asked, urgent).verdict).toBe('honoured')
  })

  it('takes into account what the wait alone has done since', () => {
    // Class 7 after seven hours was class 10 after five.
    const asked = served('ada', 7 * hour, 7)
    expect(verdictOf(asked, served('bo', 5 * hour, 7, { submittedAt: hour })).verdict).toBe(
      'honoured',
    )
    const later = served('bo', 6.5 * hour, 10, { submittedAt: hour })
    expect(verdictOf(asked, later).verdict).toBe('not-honoured')
  })

  it('knows a class that was not aged', () => {
    expect(verdictOf(served('ada', 6 * hour - 1, 10)).verdict).toBe('honoured')
    const { problems } = verdictOf(served('ada', 6 * hour, 10))
    expect(problems).toMatchObject([{ kind: 'class-not-aged' }])
    expect(verdictOf(served('ada', hour, null)).verdict).toBe('not-honoured')
  })

  it('knows that free ATP was not kept for a head after a day', () => {
    const asked = served('ada', 26 * hour, 1, { amount: 1_000 })
    const small = { amount: 1, submittedAt: 20 * hour }
    expect(verdictOf(asked, served('bo', 24 * hour - 1, 10, small)).verdict).toBe('honoured')
    expect(verdictOf(asked, served('bo', 24 * hour, 10, small)).verdict).toBe('not-honoured')
    // Unless somebody else may have been the head.
    const unknown = entry('cy', { submittedAt: 23 * hour })
    const two = verdictOf(asked, served('bo', 24 * hour, 10, small), unknown)
    expect(two.verdict).toBe('honoured')
  })

  it('leaves a message its time to arrive, and says so while a request waits', () => {
    const asked = entry('ada', { submittedAt: hour, urgency: 1_000_000 })
    const soon = served('bo', hour + 120_000, 10, { submittedAt: 0 })
    expect(verdictOf(asked, soon).verdict).toBe('waiting')
    const late = served('bo', hour + 120_001, 10, { submittedAt: 0 })
    expect(verdictOf(asked, late).verdict).toBe('not-honoured')
  })
})
