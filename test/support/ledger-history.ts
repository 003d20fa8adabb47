import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { advancePool, canonicalJson, copyPool, digestOf } from '../../protocol/index.ts'
import { parseCanonicalJson, recordKinds } from '../../protocol/index.ts'
import type { Actor, DocumentState, PoolState, SocietyKey } from '../../protocol/index.ts'
import { Audit } from './ledger-audit.ts'
import { poolPlans } from './ledger-pool-steps.ts'
import { Replica, verdictOf } from './ledger-replica.ts'
import { worker } from './ledger-step.ts'
import type { Scene, Step } from './ledger-step.ts'
import { proofOf, trustPlans } from './ledger-trust-steps.ts'
import { keyNamed, LedgerWorld, worldStart } from './ledger-world.ts'
import type { Draft, Written } from './ledger-world.ts'

const plans = { ...poolPlans, ...trustPlans }
const hour = 3_600_000

/** The three societies of every history: each may be the parent of the next. */
/** Whom random histories are about. */
export const threeSocieties: readonly SocietyKey[] = ['one', 'two', 'three'].map(keyNamed)

/** Founds three societies with sources; the second is the first's child, the third the second's. */
function founded(minimumOccupancy: number, sourceCounts: readonly number[]): LedgerWorld {
  const world = new LedgerWorld(threeSocieties)
  threeSocieties.forEach((society, index) => {
    const adp = [1_000_000, 600_000, 300_000][index]
    const policy = { 'policy.minimumOccupancy': minimumOccupancy }
    const founding = world.valid(society, 'society.found', {
      name: `society ${index}`,
      federation: 'test-world',
      adp,
      witnesses: [],
      ...policy,
    })
    world.valid(society, 'pool.open', { founding })
    const proofs = Array.from({ length: sourceCounts[index] as number }, (_, which): Draft => {
      return ['energy.prove', proofOf(index, which, worldStart)]
    })
    if (proofs.length > 0) world.write(society, proofs)
  })
  for (const [parent, child] of [threeSocieties.slice(0, 2), threeSocieties.slice(1, 3)]) {
    const application = world.valid(child!, 'citizenship.apply', { parent })
    world.valid(parent!, 'citizenship.admit', { child, application })
  }
  return world
}

/** The first has lent to the second and this on to the third, which has reserved some of it. */
function lentOn(minimumOccupancy: number): LedgerWorld {
  const world = founded(minimumOccupancy, [3, 1, 0])
  const { replica } = world
  const [one, two, three] = threeSocieties as [SocietyKey, SocietyKey, SocietyKey]
  const charge = (by: SocietyKey, amount: number, lifetime: number): void => {
    const proof = [...replica.trust(by).sources.values()][0]?.proof
    world.valid(by, 'atp.charge', { amount, proof, supplies: [], lifetime })
  }
  const lend = (by: SocietyKey, to: SocietyKey, amount: number): void => {
    const admission = replica.trust(by).children.get(to)?.admission
    const grant = world.valid(by, 'allocation.grant', { to, amount, admission })
    world.valid(to, 'allocation.take', { grant })
  }
  charge(one, 90_000, 200 * hour)
  charge(one, 90_000, 300 * hour)
  charge(two, 40_000, 250 * hour)
  lend(one, two, 150_000)
  lend(two, three, 120_000)
  world.valid(three, 'work.allocate', { amount: 100_000, worker, deadline: 100 * hour })
  return world
}

const beginnings: readonly LedgerWorld[] = [
  founded(0, [5, 5, 5]),
  founded(hour, [5, 0, 0]),
  founded(0, [2, 0, 1]),
  founded(2 * hour, [4, 2, 0]),
  lentOn(0),
  lentOn(hour),
]
/** How many beginnings a history may have. */
export const beginningCount: number = beginnings.length

type Pending = { readonly by: SocietyKey; readonly document: string; readonly drafts: Draft[] }

const documentOf = (draft: Draft): string => {
  const kind = Array.isArray(draft)
    ? String(draft[0])
    : String((draft as Map<string, unknown>).get('kind'))
  return recordKinds.get(kind)?.document ?? 'pool'
}

// What is done instead where a step has nothing to act on; the last can always be done.
const instead = ['accept', 'complete', 'allocate', 'grant', 'offer', 'charge', 'prove'] as const

/** The society that a step is for, or else the next that can do it, and what it writes. */
function readStep(
  scene: Scene,
  step: Step,
): { readonly by: SocietyKey; readonly draft: Draft } | undefined {
  if (step.action === 'head') trustPlans.head(scene, threeSocieties[step.by] as SocietyKey, step)
  for (const action of [step.action, ...instead.slice(step.pick % 6)]) {
    for (const turn of [0, 1, 2]) {
      const by = threeSocieties[(step.by + turn) % 3] as SocietyKey
      const draft = action === 'head' ? undefined : plans[action](scene, by, step)
      if (draft !== undefined) return { by, draft }
    }
  }
  return undefined
}

/** Writes a history, from one of four beginnings, and audits it after every change. */
export function play(beginning: number, steps: readonly Step[]): LedgerWorld {
  const world = (beginnings[beginning % beginnings.length] as LedgerWorld).copy()
  const audit = new Audit(world)
  goOn(world, steps, () => audit.check())
  return world
}

/** Writes what steps mean in a world; tells after every change. */
export function goOn(world: LedgerWorld, steps: readonly Step[], written: () => void): void {
  const scene: Scene = { world, heads: [] }
  let pending: Pending | undefined
  let late = false
  const flush = (): void => {
    if (pending === undefined) return
    world.write(pending.by, pending.drafts, late ? { time: 0 } : {})
    written()
    pending = undefined
  }
  for (const step of steps) {
    if (!step.joined) {
      flush()
      world.now += step.waitMs
    }
    const read = readStep(scene, step)
    if (read === undefined) continue
    const { by, draft } = read
    const document = documentOf(draft)
    if (pending !== undefined && pending.by === by && pending.document === document) {
      pending.drafts.push(draft)
      continue
    }
    flush()
    pending = { by, document, drafts: [draft] }
    late = step.late
  }
  flush()
}

/** Numbers from 0 up to a limit, the same for the same seed. */
export function numbersOf(seed: number): (limit: number) => number {
  let state = seed | 0
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** A state as it is after it was stored and read back. */
const restored = (state: DocumentState): DocumentState =>
  parseCanonicalJson(canonicalJson(state)) as DocumentState

/**
 * Folds a world's changes anew from their bytes, in an order drawn from a seed that respects what
 * each names. On the way one state is stored and read back. With `verdicts`, those of the world are
 * taken over.
 */
export function refold(world: LedgerWorld, seed: number, verdicts = false): Replica {
  const draw = numbersOf(seed)
  const isStubborn = draw(2) === 0
  const replica = new Replica(world.societies)
  const queues = new Map<Actor, Written[]>()
  for (const written of world.written) {
    const queue = queues.get(written.actor)
    if (queue === undefined) queues.set(written.actor, [written])
    else queue.push(written)
  }
  const lines = [...queues.values()].map((queue) => ({ queue, next: 0 }))
  const here = new Set<string>()
  const restartAt = draw(world.written.length)
  let line = lines[0]!
  for (let count = 0; count < world.written.length; count++) {
    const open = lines.filter(({ queue, next }) =>
      queue[next]?.needs.every((hash) => here.has(hash)),
    )
    if (!isStubborn || !open.includes(line)) line = open[draw(open.length)]!
    const written = line.queue[line.next++] as Written
    const codes = written.records.map((record) => record.void)
    replica.deliver(written.bytes, verdicts ? codes : undefined)
    here.add(written.hash)
    if (count === restartAt) {
      const state = replica.states.get(written.actor) as DocumentState
      replica.states.set(written.actor, restored(state))
    }
  }
  return replica
}

/** Every state and every verdict of a replica is that of the world. */
export function assertSame(world: LedgerWorld, replica: Replica): void {
  for (const [actor, state] of world.replica.states) {
    const again = replica.states.get(actor) as DocumentState
    if (digestOf(state) !== digestOf(again)) deepStrictEqual(again, state)
    if ('lots' in state) {
      strictEqual([...(again as PoolState).lots.keys()].join(), [...state.lots.keys()].join())
    }
  }
  for (const { records } of world.written) {
    for (const record of records) {
      deepStrictEqual(verdictOf(replica.records.get(record.id)!), verdictOf(record))
    }
  }
}

/** A pool without its agenda, whose layout may tell in how many steps time has passed. */
const totalsOf = (pool: PoolState): object => ({ ...pool, due: [] })

/** Nothing that ends by time is left, be it only as an empty entry. */
export function assertEmptied(pool: PoolState): void {
  const { lots, tickets, offers, grants, occupations, occupied, dayCharges, chargedToday } = pool
  const timed = { lots, tickets, offers, grants, occupations, occupied, dayCharges, chargedToday }
  for (const [name, left] of Object.entries(timed)) strictEqual(left.size, 0, `${name} are left`)
  strictEqual(pool.available + pool.reserved + pool.escrowed + pool.lent + pool.borrowed, 0)
}

/** Time passed in one step or in many comes to the same: in the end nothing is left to end. */
export function assertTimeAdds(world: LedgerWorld, seed: number): void {
  const draw = numbersOf(seed)
  for (const society of world.societies) {
    const atOnce = world.replica.poolAt(society, world.now + 41 * 24 * hour)
    const inSteps = copyPool(world.replica.pool(society))
    for (let time = inSteps.time; time < atOnce.time; time += 1 + draw(9 * 24 * hour)) {
      advancePool(inSteps, time)
    }
    advancePool(inSteps, atOnce.time)
    deepStrictEqual(totalsOf(inSteps), totalsOf(atOnce))
    assertEmptied(atOnce)
  }
}
