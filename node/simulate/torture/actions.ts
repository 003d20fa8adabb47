import { didOf, fromMilli } from '../../../protocol/index.ts'
import type { PoolState, RecordId, SocietyKey, TrustState } from '../../../protocol/index.ts'
import type { Measurement } from '../../../src/index.ts'
import type { SeededRandom } from '../random.ts'

/** What an action may look at: what the acting node holds, and ids of every record so far. */
export type Situation = {
  readonly random: SeededRandom
  /** The true time in ms. */
  readonly now: number
  readonly self: SocietyKey
  readonly own: PoolState
  readonly trust: TrustState
  readonly societies: readonly SocietyKey[]
  readonly trustOf: (society: SocietyKey) => TrustState
  readonly pool: (society: SocietyKey) => PoolState
  /** Ids of records of a kind by anybody, the newest few. */
  readonly recent: (kind: string) => readonly RecordId[]
}

/** A record that somebody wants to write, legal or not. */
export type Attempt =
  | { readonly kind: string; readonly with: Readonly<Record<string, unknown>> }
  | { readonly kind: 'measurement'; readonly measurement: Measurement }

type Action = (situation: Situation) => Attempt | undefined

/** One of a list; undefined of an empty one. */
export function pick<T>(random: SeededRandom, list: readonly T[]): T | undefined {
  return list[Math.floor(random.next() * list.length)]
}

function other(situation: Situation): SocietyKey {
  const { random, societies, self } = situation
  // One time in sixteen it is the society itself, which most rules forbid.
  const chosen = pick(random, societies) ?? self
  if (chosen !== self || random.next() < 1 / 16) return chosen
  return societies[(societies.indexOf(self) + 1) % societies.length] ?? self
}

/** Some part of an amount in milli-units, as a decimal; now and then too much or none. */
function part(random: SeededRandom, milli: number): number {
  const chance = random.next()
  if (chance < 1 / 32) return fromMilli(milli + 1)
  if (chance < 1 / 24) return 0
  if (chance < 1 / 4) return fromMilli(milli)
  return fromMilli(Math.max(1, Math.floor(milli * random.next())))
}

/** One of these ids, one time in ten any id of a kind instead. */
function someId(
  situation: Situation,
  kind: string,
  fitting: Iterable<RecordId>,
): RecordId | undefined {
  const { random, recent } = situation
  const chosen = random.next() < 1 / 10 ? undefined : pick(random, [...fitting])
  return chosen ?? pick(random, recent(kind))
}

const sourceKinds = [
  { type: 'solar', fields: { rated: 400, degradation: 1 } },
  { type: 'grid', fields: { allocated: 900 } },
  { type: 'compute', fields: { tdp: 300 } },
  { type: 'human', fields: {} },
  { type: 'wind', fields: { rated: 250, factor: 1 } },
  { type: 'battery', fields: { dischargeRate: 200, stored: 150 } },
] as const

function prove({ random, self, now, trust }: Situation): Attempt | undefined {
  const known = pick(random, [...trust.sources.values()])
  const kind = pick(random, sourceKinds)
  if (kind === undefined) return undefined
  // Sources of a society are its own but for one in thirty, which two may claim.
  const shared = random.next() < 1 / 30
  const name = shared ? 'shared' : `${self.slice(0, 8)}-${Math.floor(random.next() * 3)}`
  const again = known !== undefined && random.next() < 1 / 2
  const type = again ? known.type : kind.type
  const fields = sourceKinds.find((each) => each.type === type)?.fields ?? {}
  const source = again ? known.id : `${type}:test:${name}`
  const late = random.next() < 1 / 8 ? 3_600_000 * 24 : Math.floor(random.next() * 600_000)
  const early = random.next() < 1 / 16 ? 300_000 : 0
  const transcript = new TextEncoder().encode(JSON.stringify({ source, now }))
  const measuredAt = now - late + early
  const measurement = { source, fields, measuredAt, method: 'torture', transcript }
  return { kind: 'measurement', measurement: { ...measurement, simulated: random.next() < 1 / 2 } }
}

function charge({ random, own, trust }: Situation): Attempt | undefined {
  const source = pick(random, [...trust.sources.values()])
  if (source === undefined) return undefined
  const free = Math.min(own.pool, source.capacity - (own.occupied.get(source.id) ?? 0))
  const days = random.next() < 1 / 2 ? {} : { lifetimeDays: 0.005 + random.next() * 0.05 }
  const amount = part(random, Math.max(2_000, free / (1 + 2 * random.next())))
  return { kind: 'atp.charge', with: { amount, source: source.id, ...days } }
}

function allocate(situation: Situation): Attempt {
  const { random, own } = situation
  const request = random.next() < 1 / 2 ? pick(random, situation.recent('work.request')) : undefined
  const hours = random.next() < 1 / 2 ? {} : { deadlineHours: 0.1 + random.next() }
  const amount = part(random, Math.max(1, own.available / 3))
  const fields = { amount, worker: didOf(other(situation)), ...hours }
  return {
    kind: 'work.allocate',
    with: request === undefined ? fields : { ...fields, request },
  }
}

function complete(situation: Situation): Attempt | undefined {
  const { random, own } = situation
  const ticket = someId(situation, 'work.allocate', own.tickets.keys())
  if (ticket === undefined) return undefined
  const quality = Math.floor(random.next() * 1_000_001) / 1_000_000
  const held = own.tickets.get(ticket)?.amount ?? 1
  const consumed = random.next() < 1 / 2 ? {} : { consumed: part(random, held) }
  return { kind: 'work.complete', with: { ticket, quality, ...consumed } }
}

function accept(situation: Situation): Attempt | undefined {
  const { random, societies, pool, self } = situation
  const offers = societies
    .filter((society) => society !== self)
    .flatMap((society) => [...pool(society).offers.keys()])
  const chosen = someId(situation, 'trade.offer', offers)
  if (chosen === undefined) return undefined
  const amount = random.next() < 1 / 2 ? {} : { amount: part(random, 20_000) }
  return { kind: 'trade.accept', with: { offer: chosen, ...amount } }
}

function offer(situation: Situation): Attempt {
  const { random, own } = situation
  const to = random.next() < 1 / 4 ? { to: didOf(other(situation)) } : {}
  const price = Math.floor(random.next() * 3_000) / 1_000
  const hours = random.next() < 1 / 2 ? {} : { expiresHours: 0.02 + random.next() / 2 }
  const amount = part(random, Math.max(1, own.available / 2))
  return { kind: 'trade.offer', with: { amount, price, ...to, ...hours } }
}

/** Ids of the kind named by one field: the shape of most answers. */
function naming(kind: string, field: string, named: string, fitting: readonly RecordId[]): Action {
  return (situation) => {
    const id = someId(situation, named, fitting)
    return id === undefined ? undefined : { kind, with: { [field]: id } }
  }
}

function cancel(situation: Situation): Attempt | undefined {
  const { random, own, recent } = situation
  if (random.next() < 1 / 2) {
    return naming('trade.cancel', 'offer', 'trade.offer', [...own.offers.keys()])(situation)
  }
  const acceptance = someId(situation, 'trade.accept', own.acceptances.keys())
  const named = pick(random, ['trade.decline', 'trade.cancel', 'trade.settle', 'atp.charge'])
  const because = pick(random, recent(named ?? ''))
  if (acceptance === undefined || because === undefined) return undefined
  return { kind: 'trade.cancel', with: { acceptance, because } }
}

const answers: readonly (readonly [kind: string, field: string, named: string])[] = [
  ['trade.settle', 'acceptance', 'trade.accept'],
  ['trade.decline', 'acceptance', 'trade.accept'],
  ['trade.claim', 'settlement', 'trade.settle'],
  ['allocation.take', 'grant', 'allocation.grant'],
  ['allocation.take', 'return', 'allocation.return'],
  ['allocation.revoke', 'grant', 'allocation.grant'],
]

/** What hands ATP to somebody: what a liar does twice. */
function handOver(situation: Situation): Attempt | undefined {
  const { random, own, trust, societies, pool, self } = situation
  const children = [...trust.children.keys()]
  const to = pick(random, children)
  if (to !== undefined && random.next() < 1 / 2) {
    const amount = part(random, Math.max(1, own.available / 2))
    return { kind: 'allocation.grant', with: { to: didOf(to), amount } }
  }
  const mine = societies.flatMap((society) =>
    [...pool(society).acceptances.values()].filter(({ seller }) => seller === self),
  )
  const acceptance = pick(random, mine)?.id ?? pick(random, situation.recent('trade.accept'))
  return acceptance && { kind: 'trade.settle', with: { acceptance } }
}

const names = ['kind', 'amount', 'to', 'grant', 'ticket', 'offer', 'source', 'society', 'quality']

/** Fields that nobody would give. */
function nonsense(situation: Situation): Attempt | undefined {
  const { random, recent } = situation
  const values = [-1, 0, 1.0005, 1e15, '', 'x', null, true, [], {}, 'did:key:z6Mk', 2 ** 53]
  const kinds = ['atp.charge', 'work.allocate', 'trade.offer', 'allocation.grant', 'no.such']
  const fields = names.slice(0, 1 + Math.floor(random.next() * 8)).map((name) => {
    const id = pick(random, recent('trade.offer'))
    return [name, random.next() < 1 / 6 && id !== undefined ? id : pick(random, values)] as const
  })
  return { kind: pick(random, kinds) ?? '', with: Object.fromEntries(fields) }
}

/**
 * Everything that a society may try, and how often. A kind of record that is not in here is not
 * tortured: a new one takes one line, and a function where ids have to fit.
 */
export const actions: Readonly<Record<string, readonly [weight: number, action: Action]>> = {
  prove: [6, prove],
  charge: [10, charge],
  offer: [8, offer],
  accept: [10, accept],
  cancel: [4, cancel],
  allocate: [7, allocate],
  complete: [6, complete],
  nonsense: [2, nonsense],
  answer: [
    3,
    (situation) => {
      const [kind = '', field = '', named = ''] = pick(situation.random, answers) ?? []
      return naming(kind, field, named, [])(situation)
    },
  ],
  handOver: [2, handOver],
  fail: [
    2,
    (situation) =>
      naming('work.fail', 'ticket', 'work.allocate', [...situation.own.tickets.keys()])(situation),
  ],
  request: [
    3,
    (situation) => ({
      kind: 'work.request',
      with: { to: didOf(other(situation)), amount: part(situation.random, 30_000) },
    }),
  ],
  apply: [
    3,
    (situation) => ({ kind: 'citizenship.apply', with: { parent: didOf(other(situation)) } }),
  ],
  admit: [
    8,
    (situation) => {
      const { random, self, societies, trust, trustOf } = situation
      const applicants = societies.filter(
        (society) => trustOf(society).application?.parent === self && !trust.children.has(society),
      )
      const child =
        pick(random, applicants) ?? (random.next() < 1 / 8 ? other(situation) : undefined)
      return child && { kind: 'citizenship.admit', with: { child: didOf(child) } }
    },
  ],
  admitMember: [
    1,
    (situation) => ({ kind: 'federation.admit', with: { society: didOf(other(situation)) } }),
  ],
  found: [
    1,
    ({ random, self }) => {
      const again = { name: 'again', federation: 'test-torture', adp: 1_000_000 }
      return pick(random, [
        { kind: 'society.found', with: again },
        { kind: 'federation.join', with: {} },
        { kind: 'pool.open', with: {} },
        { kind: 'node.certify', with: { peerId: didOf(self).slice(8), until: 8e15 } },
      ])
    },
  ],
  leave: [
    1,
    ({ random }) => (random.next() < 1 / 2 ? { kind: 'citizenship.leave', with: {} } : undefined),
  ],
  grant: [
    8,
    (situation) => {
      const { random, trust, own } = situation
      const to = pick(random, [...trust.children.keys()]) ?? other(situation)
      const amount = part(random, Math.max(1, own.available / 3))
      return { kind: 'allocation.grant', with: { to: didOf(to), amount } }
    },
  ],
  revoke: [
    2,
    (situation) =>
      naming('allocation.revoke', 'grant', 'allocation.grant', [...situation.own.grants.keys()])(
        situation,
      ),
  ],
  bond: [
    2,
    ({ random, trust }) => {
      const sources = [...trust.sources.keys()].filter(() => random.next() < 1 / 2)
      return {
        kind: 'bond.commit',
        with: { sources, lockDays: 7 + Math.floor(random.next() ** 2 * 30) },
      }
    },
  ],
  unbind: [
    2,
    ({ random, trust }) => {
      if (trust.bond === null && random.next() < 3 / 4) return undefined
      return { kind: random.next() < 1 / 2 ? 'bond.abandon' : 'bond.fulfil', with: {} }
    },
  ],
  vouch: [
    2,
    (situation) => {
      const { random } = situation
      const days = 1 + Math.floor(random.next() * 40)
      const endorsers = random.next() < 1 / 4 ? { endorsers: [didOf(other(situation))] } : {}
      const watts = part(random, 100_000)
      const fields = { to: didOf(other(situation)), watts, days, ...endorsers }
      return { kind: 'vouch.give', with: fields }
    },
  ],
  acceptVouch: [
    2,
    (situation) => {
      const { societies, trustOf, self } = situation
      const waiting = societies.flatMap((society) =>
        [...trustOf(society).given].filter(([, { to }]) => to === self).map(([id]) => id),
      )
      return naming('vouch.accept', 'vouch', 'vouch.give', waiting)(situation)
    },
  ],
  observe: [
    2,
    (situation) => {
      const { random } = situation
      const count = 1 + Math.floor(random.next() * 5)
      const fields = { subject: didOf(other(situation)), success: random.next() < 1 / 2, count }
      return { kind: 'trust.observe', with: fields }
    },
  ],
  attest: [
    3,
    (situation) => {
      const proof = pick(situation.random, situation.recent('energy.prove'))
      const verdict = situation.random.next() < 3 / 4
      return proof && { kind: 'energy.attest', with: { proof, verdict } }
    },
  ],
  retire: [
    1,
    ({ random, trust }) => {
      const source = pick(random, [...trust.sources.keys()])
      return source === undefined ? undefined : { kind: 'energy.retire', with: { source } }
    },
  ],
  amend: [
    1,
    ({ random }) => ({
      kind: 'society.amend',
      with: { policy: { minimumOccupancy: Math.floor(random.next() * 30) } },
    }),
  ],
}

const weights = Object.entries(actions).map(([name, [weight]]) => ({ name, weight }))
const weightsSum = weights.reduce((sum, { weight }) => sum + weight, 0)

/** Chooses what to try next, by weight. */
export function chooseAction(random: SeededRandom): string {
  let left = random.next() * weightsSum
  for (const { name, weight } of weights) {
    left -= weight
    if (left < 0) return name
  }
  return 'charge'
}
