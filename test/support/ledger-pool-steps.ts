import { encodeSignedHead } from '../../protocol/index.ts'
import type { Lot, RecordId, SocietyKey } from '../../protocol/index.ts'
import type { Valid } from './ledger-replica.ts'
import { amountOf, at, isWild, other, pickOf, worker } from './ledger-step.ts'
import type { Plan, PoolAction, Scene } from './ledger-step.ts'
import { completed } from './ledger-world.ts'
import type { Draft, LedgerWorld } from './ledger-world.ts'

const hour = 3_600_000
const day = 24 * hour

const charge: Plan = ({ world }, by, step) => {
  const { sources } = world.replica.trust(by)
  const fresh = [...sources.values()].filter(
    ({ staleAt, retired, assurance }) => staleAt > world.now && retired === null && assurance > 0,
  )
  const source = pickOf(isWild(step) ? [...sources.values()] : fresh, step)
  if (source === undefined) return undefined
  const supplies: RecordId[] = []
  for (let next = source.poweredBy; next !== null;) {
    const supply = sources.get(next)
    if (supply === undefined) break
    supplies.push(supply.proof)
    next = supply.poweredBy
  }
  const pool = world.replica.poolAt(by, world.now)
  const free = source.capacity - (pool.occupied.get(source.id) ?? 0)
  const amount = Math.max(1_000, amountOf(Math.min(pool.pool, free), step))
  const lifetime = at(
    [7 * day, 7 * day, day, 30 * day, 30 * day, 5 * hour, hour, 1],
    step.pick >> 4,
  )
  const named = isWild(step) ? pickOf(world.replica.valid('proof'), step)?.id : source.proof
  return ['atp.charge', { amount, proof: named ?? source.proof, supplies, lifetime }]
}

const allocate: Plan = ({ world }, by, step) => {
  const { available } = world.replica.poolAt(by, world.now)
  const requests = world.replica.valid('request').filter(({ outcome }) => outcome.to === by)
  const request = step.pick % 3 === 0 ? pickOf(requests, step) : undefined
  const amount = amountOf(Math.min(available, request?.outcome.amount ?? available), step)
  if (available === 0 && !isWild(step)) return undefined
  const doer = at([worker, worker, other(world, by, step.pick), by], step.pick >> 4)
  const deadline = at([day, day, hour, 1, 40 * day], step.pick >> 2)
  return ['work.allocate', { amount, worker: doer, deadline, request: request?.id }]
}

function ticketFor(world: LedgerWorld, by: SocietyKey, step: Parameters<Plan>[2]) {
  const tickets = world.replica.valid('ticket')
  const { tickets: open } = world.replica.poolAt(by, world.now)
  return pickOf(isWild(step) ? tickets : tickets.filter(({ id }) => open.has(id)), step)
}

const complete: Plan = ({ world }, by, step) => {
  const ticket = ticketFor(world, by, step)
  if (ticket === undefined) return undefined
  const { worker: doer, amount } = ticket.outcome
  const beneficiary = at(world.societies, step.pick >> 5)
  const consumed = step.pick % 3 === 0 ? undefined : amountOf(amount, step)
  const quality = at([1_000_000, 0, 333_333], step.pick >> 3)
  const signers = step.pick % 16 === 15 ? { worker: beneficiary } : {}
  const terms = { ticket: ticket.id, worker: doer, beneficiary, quality, consumed }
  return ['work.complete', completed(terms, signers)]
}

const fail: Plan = ({ world }, by, step) => {
  const ticket = ticketFor(world, by, step)
  return ticket === undefined ? undefined : ['work.fail', { ticket: ticket.id }]
}

const grant: Plan = ({ world }, by, step) => {
  const child = pickOf([...world.replica.trust(by).children], step)
  if (child === undefined) return undefined
  const [to, { admission }] = child
  const { available } = world.replica.poolAt(by, world.now)
  if (available === 0 && !isWild(step)) return undefined
  const named = isWild(step) ? pickOf(world.replica.valid('admission'), step)?.id : admission
  return ['allocation.grant', { to, amount: amountOf(available, step), admission: named }]
}

const take: Plan = ({ world }, by, step) => {
  const { replica } = world
  const grants = replica.valid('grant')
  const returns = replica.valid('return')
  const handed = [...grants, ...returns]
  const open = [
    ...returns,
    ...grants.filter(({ outcome }) => outcome.slices.some((slice) => slice.expiresAt >= world.now)),
  ].filter(({ id, outcome }) => outcome.to === by && !replica.ended(by, id))
  const chosen = pickOf(isWild(step) ? handed : open, step)
  if (chosen === undefined) return undefined
  return ['allocation.take', { [chosen.outcome.type]: chosen.id }]
}

/** What a society owes to its lenders, as fields of returns. */
function owedBy(world: LedgerWorld, society: SocietyKey): readonly object[] {
  return [...world.replica.pool(society).owed].flatMap(([id, causes]) =>
    [...causes.keys()].map((cause) => {
      const isWork = world.replica.records.get(cause)?.kind === 'work.complete'
      return { grant: id, [isWork ? 'completion' : 'take']: cause }
    }),
  )
}

const giveBack: Plan = ({ world }, by, step) => {
  const asked = world.replica
    .valid('revoke')
    .filter(({ outcome }) => isWild(step) || outcome.to === by)
    .map(({ id, outcome }) => ({ grant: outcome.grant, revoke: id }))
  const chosen = pickOf([...owedBy(world, by), ...asked], step)
  return chosen === undefined ? undefined : ['allocation.return', chosen]
}

const revoke: Plan = ({ world }, by, step) => {
  const grants = world.replica.valid('grant')
  const { grants: lent } = world.replica.pool(by)
  const chosen = pickOf(isWild(step) ? grants : grants.filter(({ id }) => lent.has(id)), step)
  return chosen === undefined ? undefined : ['allocation.revoke', { grant: chosen.id }]
}

const isOwn = (lot: Lot): boolean => lot.via === null

const offer: Plan = ({ world }, by, step) => {
  const lots = [...world.replica.poolAt(by, world.now).lots.values()].filter(isOwn)
  const limit = lots.reduce((sum, lot) => sum + lot.available, 0)
  if (limit === 0 && !isWild(step)) return undefined
  const to = step.pick % 3 === 0 ? other(world, by, step.pick >> 4) : undefined
  const expires = at([day, 5 * day, hour, 1, 30 * day, 30 * day], step.pick >> 2)
  const price = at([1_000, 0, 1, 1_500, 333], step.pick >> 4)
  return ['trade.offer', { amount: amountOf(limit, step), price, to, expires }]
}

const accept: Plan = ({ world }, by, step) => {
  const offers = world.replica.valid('offer')
  const open = offers.filter(({ id, author, outcome }) => {
    const isForMe = author !== by && (outcome.to === null || outcome.to === by)
    return isForMe && world.replica.poolAt(author, world.now).offers.has(id)
  })
  const chosen = pickOf(isWild(step) ? offers : open, step)
  if (chosen === undefined) return undefined
  return ['trade.accept', { offer: chosen.id, amount: amountOf(chosen.outcome.amount, step) }]
}

const decide =
  (kind: string): Plan =>
  ({ world }, by, step) => {
    const acceptances = world.replica.valid('acceptance')
    const { offers } = world.replica.poolAt(by, world.now)
    const mine = acceptances.filter(
      ({ id, outcome }) => offers.has(outcome.offer) && !world.replica.ended(by, id),
    )
    const chosen = pickOf(isWild(step) ? acceptances : mine, step)
    return chosen === undefined ? undefined : [kind, { acceptance: chosen.id }]
  }

/** What a buyer may name to get its escrow back: refusals, later records, heads of the seller. */
function reasonsFor(scene: Scene, acceptance: Valid<'acceptance'>): readonly object[] {
  const { replica, written } = scene.world
  const { seller, offer: id } = acceptance.outcome
  const { actor } = replica.pool(seller).chain
  const newest = written.findLast((each) => each.actor === actor)?.records.at(-1)
  const records = [
    ...replica.valid('decline').filter(({ outcome }) => outcome.acceptance === acceptance.id),
    ...replica.valid('cancel').filter(({ outcome }) => outcome.ended === id),
    ...(newest === undefined ? [] : [newest]),
  ]
  const heads = scene.heads.filter(({ head }) => head.author === seller)
  return [
    ...records.map((record) => ({ because: record.id })),
    ...heads.map((signed) => ({ head: encodeSignedHead(signed) })),
  ]
}

const cancel: Plan = (scene, by, step) => {
  const { replica } = scene.world
  const pool = replica.pool(by)
  const own = step.pick % 4 === 1 ? pickOf([...pool.offers.keys()], step) : undefined
  if (own !== undefined) return ['trade.cancel', { offer: own }]
  const acceptances = replica.valid('acceptance')
  const mine = acceptances.filter(({ id }) => pool.acceptances.has(id))
  const acceptance = pickOf(isWild(step) ? acceptances : mine, step)
  if (acceptance === undefined) return undefined
  const reason = pickOf(reasonsFor(scene, acceptance), step) ?? { because: acceptance.id }
  return ['trade.cancel', { acceptance: acceptance.id, ...reason }]
}

const claim: Plan = ({ world }, by, step) => {
  const settlements = world.replica.valid('settlement')
  const mine = settlements.filter(
    ({ id, outcome }) => outcome.buyer === by && !world.replica.ended(by, id),
  )
  const chosen = pickOf(isWild(step) ? settlements : mine, step)
  return chosen === undefined ? undefined : ['trade.claim', { settlement: chosen.id }]
}

const request: Plan = ({ world }, by, step) => {
  const to = other(world, by, step.pick)
  return ['work.request', { to, amount: amountOf(100_000, step) }]
}

const settle: Plan = decide('trade.settle')

/** Does the first thing that somebody waits for, as a real node would by itself. */
const answer: Plan = (scene, by, step) => {
  const calm = { ...step, pick: isWild(step) ? step.pick + 1 : step.pick }
  let draft: Draft | undefined
  for (const plan of [take, giveBack, claim, settle]) draft ??= plan(scene, by, calm)
  return draft
}

/** What steps mean in `pool` documents. */
export const poolPlans: Readonly<Record<PoolAction, Plan>> = {
  answer,
  charge,
  allocate,
  complete,
  fail,
  grant,
  take,
  giveBack,
  revoke,
  offer,
  accept,
  settle,
  cancel,
  claim,
  request,
  decline: decide('trade.decline'),
}
