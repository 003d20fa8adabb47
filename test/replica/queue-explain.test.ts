import { describe, expect, it } from 'vitest'
import { millionths, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import { auditPlace } from '../../src/queue/audit.ts'
import { explainQueue, type Explained } from '../../src/queue/explain.ts'
import { orderQueue } from '../../src/queue/order.ts'
import { wasOpen, type Entry } from '../../src/queue/request.ts'
import { viewRequest } from '../../src/view/queue.ts'

const hour = 3_600_000
const ageingMs = 6 * hour
const key = (n: number): SocietyKey => n.toString(16).padStart(64, '0') as SocietyKey
const sage = key(1)
const [ada, bo, cy] = [key(2), key(3), key(4)]
const id = (n: number): RecordId => `${n.toString(16).padStart(64, '0')}:0` as RecordId

let counted = 0
const entry = (given: Partial<Entry> = {}): Entry => ({
  id: id((counted += 1)),
  requester: ada,
  to: sage,
  amount: 100_000,
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

type Given = { now?: number; free?: number; trust?: Record<string, number>; liar?: SocietyKey }

function explained(entries: readonly Entry[], given: Given = {}): readonly Explained[] {
  const { now = 0, free = 0, trust = {}, liar } = given
  const trustOf = (requester: SocietyKey): number =>
    requester === sage ? millionths : (trust[requester] ?? 140_000)
  const ranking = { now, ageingMs, trustOf }
  return explainQueue(orderQueue(entries, ranking), {
    ...ranking,
    free,
    isPossible: () => true,
    isLiar: (requester) => requester === liar,
  })
}

const words = (entries: readonly Entry[], given: Given = {}): readonly string[] =>
  explained(entries, given).map(({ place, why }) => `${place} ${why}`)

describe('why a request stands where it does', () => {
  it('is its class, by trust, by age, or because it is critical', () => {
    expect(
      words([entry({ requester: sage, critical: true }), entry({ requester: sage }), entry()]),
    ).toEqual([
      '1 critical, so before every class; does not fit: 0 ATP are free',
      '2 class 1 by its own request; does not fit: 0 ATP are free',
      '3 class 10 by trust 0.14; does not fit: 0 ATP are free',
    ])
    expect(words([entry()], { now: 13 * hour, trust: { [ada]: 520_000 } })).toEqual([
      '1 class 5 by trust 0.52, up to 1 after waiting 2 steps of 6 h; ' +
        'does not fit: 0 ATP are free',
    ])
    expect(words([entry()], { now: 7 * hour })[0]).toMatch(/up to 7 after waiting 1 step of 6 h;/)
    expect(words([entry()], { now: 54 * hour })[0]).toMatch(/^1 class 1, and after 2\.2 d by age/)
  })

  it('is, within a class, what the one before has more of', () => {
    const entries = [
      entry({ requester: ada, urgency: millionths }),
      entry({ requester: bo }),
      entry({ requester: cy, submittedAt: 1 }),
      entry({ requester: cy, submittedAt: 1 }),
    ]
    const [first, second, third, fourth] = words(entries, { now: 1 })
    expect(first).not.toContain('behind')
    expect(second).toContain('; urgency x efficiency 0.25 behind 0.5; ')
    expect(third).toContain('; asked later than the one before; ')
    expect(fourth).toContain('; asked at the same moment as the one before; ')
    const old = entry({ urgency: 0 })
    const young = entry({ requester: sage, submittedAt: 30 * hour })
    expect(words([young, old], { now: 30 * hour })[1]).toContain(
      '; behind who has waited too long to be passed; ',
    )
  })

  it('is what it waits for, as the queue is really served', () => {
    const big = entry({ amount: 300_000 })
    const entries = [big, entry({ submittedAt: 1 }), entry({ submittedAt: 2 })]
    const outlook = (given: Given): readonly unknown[] =>
      explained(entries, given).map(({ fits, why }) => [fits, why.split('; ').at(-1)])
    expect(outlook({ now: 2, free: 150_000 })).toEqual([
      [false, 'does not fit: 150 ATP are free'],
      [true, 'fits: 150 ATP are free'],
      [false, 'does not fit: 50 ATP are left'],
    ])
    expect(outlook({ now: 24 * hour + 2, free: 150_500 })).toEqual([
      [false, 'does not fit: 150.5 ATP are free, and all that comes free is kept for it'],
      [false, '150.5 ATP are free and kept for the first that does not fit'],
      [false, '150.5 ATP are free and kept for the first that does not fit'],
    ])
    expect(outlook({ now: 2, free: 150_000, liar: ada })).toEqual(
      Array.from({ length: 3 }, () => [false, 'signed two pasts and is not served']),
    )
  })

  it('tells when waiting lifts it next, as long as it does', () => {
    const next = (now: number, given: Given = {}): number | null | undefined =>
      explained([entry({ requester: bo })], { now, ...given })[0]?.nextClassAt
    expect(next(0)).toBe(6 * hour)
    expect(next(6 * hour - 1)).toBe(6 * hour)
    expect(next(6 * hour)).toBe(12 * hour)
    expect(next(24 * hour)).toBe(null)
    expect(next(0, { trust: { [bo]: 900_000 } })).toBe(null)
    expect(explained([entry({ requester: sage, critical: true })])[0]?.nextClassAt).toBe(null)
  })
})

describe('a request in a view', () => {
  const view = (asked: Entry, now = hour) =>
    viewRequest(
      asked,
      explained([asked], { now }).find(() => wasOpen(asked, now)),
      auditPlace(asked, [asked], ageingMs, now),
    )

  it('waits at a place', () => {
    expect(view(entry())).toMatchObject({
      state: 'waiting',
      place: 1,
      class: 10,
      why: 'class 10 by trust 0.14; does not fit: 0 ATP are free',
      audit: { verdict: 'waiting', problems: [] },
    })
  })

  it('was refused, and nothing is audited', () => {
    expect(view(entry({ refused: 'rate-limited' }))).toMatchObject({
      state: 'refused',
      code: 'rate-limited',
      place: null,
      class: null,
      audit: null,
    })
  })

  it('was served at a class, or dropped', () => {
    const served = { ticket: id(99), at: 30 * 60_000, class: 10 }
    expect(view(entry({ served }))).toMatchObject({
      state: 'served',
      class: 10,
      ticket: id(99),
      servedAt: '1970-01-01T00:30:00.000Z',
      audit: { verdict: 'honoured' },
    })
    expect(view(entry({ deadline: 1, dropped: true }))).toMatchObject({
      state: 'dropped',
      deadline: '1970-01-01T00:00:00.001Z',
    })
  })

  it('was served out of its class', () => {
    const served = { ticket: id(98), at: 25 * hour, class: 7 }
    expect(view(entry({ served }), 26 * hour).audit).toEqual({
      verdict: 'not-honoured',
      problems: [
        { kind: 'class-not-aged', message: 'by its wait alone it was of class 1', record: id(98) },
      ],
    })
  })
})

describe('what the audit takes a class for', () => {
  it('is no less than the last of the table, however long one waited at the top of it', () => {
    // Both had the least trust; the one asked six hours earlier and was served long after.
    const early = entry({ served: { ticket: id(97), at: 60 * hour, class: 1 } })
    const late = entry({
      requester: bo,
      submittedAt: 6 * hour,
      served: { ticket: id(96), at: 13 * hour, class: 7 },
    })
    expect(auditPlace(early, [early, late], ageingMs, 61 * hour)).toMatchObject({
      verdict: 'not-honoured',
      problems: [{ kind: 'passed-over', record: id(96) }],
    })
  })
})
