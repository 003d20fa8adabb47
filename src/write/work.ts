import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { failureOf } from '../ledger/order-of-checks.ts'
import { factors, refuse, type Input } from './input.ts'
import { liveIds, type Refusal, type Resolver, type Resolving } from './resolver.ts'

/** Who judges the work by default: who asked for it, unless that is the worker; else the author. */
async function beneficiaryOf(
  ticket: RecordId,
  input: Input,
  resolving: Resolving,
): Promise<SocietyKey> {
  if (input.has('beneficiary')) return input.party('beneficiary', resolving.find)
  const outcome = (await resolving.index.record(ticket))?.outcome
  if (outcome?.type !== 'ticket' || outcome.request === null) return resolving.self
  const requester = (await resolving.index.record(outcome.request))?.author
  return requester === undefined || requester === outcome.worker ? resolving.self : requester
}

/** A request as the wire has it. */
function request(input: Input, resolving: Resolving): object {
  const amount = input.amount('amount')
  const urgency = input.optionalRatio('urgency')
  const efficiency = input.optionalRatio('efficiency')
  const deadline = input.optionalScaled('deadlineHours', factors.hour)
  const critical = input.optionalFlag('critical') === true
  const description = input.optionalText('description')
  const to = input.party('to', resolving.find)
  const flag = critical ? true : undefined
  return { to, amount, urgency, efficiency, deadline, critical: flag, description }
}

type Request = {
  readonly to: SocietyKey
  readonly amount: number
  readonly critical: boolean | undefined
}

/** Why a request would not be queued, as far as this node knows. */
function requestRefusal(value: object, { self, now, queue }: Resolving): Refusal {
  const { to, amount, critical = false } = value as Request
  const order = { urgency: 0, efficiency: 0, submittedAt: now, deadline: now }
  const wrong = queue.refusal({ requester: self, to, amount, critical, ...order })
  return wrong === null ? undefined : failureOf(wrong)
}

/** How requests for work, tickets and their ends are written. */
export const workResolvers: Readonly<Record<string, Resolver>> = {
  'work.request': {
    document: 'pool',
    fields: ['to', 'amount', 'description', 'urgency', 'efficiency', 'deadlineHours', 'critical'],
    resolve: request,
    refusal: requestRefusal,
  },
  'work.allocate': {
    document: 'pool',
    fields: ['amount', 'worker', 'description', 'deadlineHours', 'request'],
    resolve: (input, resolving) => {
      const served = input.optionalRecord('request', liveIds(resolving))
      return {
        amount: input.amount('amount'),
        deadline:
          input.optionalScaled('deadlineHours', factors.hour) ??
          resolving.held.trust(resolving.self).policy.ticketDeadlineHours,
        description: input.optionalText('description'),
        worker: input.party('worker', resolving.find),
        request: served,
        class: served === undefined ? undefined : resolving.queue.find(served)?.class,
      }
    },
  },
  'work.complete': {
    document: 'pool',
    fields: ['ticket', 'quality', 'consumed', 'beneficiary', 'outputDigest', 'started', 'finished'],
    resolve: async (input, resolving) => {
      const quality = input.optionalRatio('quality', 'invalid-quality')
      if (quality === undefined) return refuse('invalid-quality', 'quality is missing')
      const consumed = input.optionalAmount('consumed')
      const ticket = input.record('ticket', liveIds(resolving))
      return {
        ticket,
        quality,
        consumed,
        beneficiary: await beneficiaryOf(ticket, input, resolving),
        outputDigest: input.optionalDigest('outputDigest'),
        started: input.optionalInstant('started'),
        finished: input.optionalInstant('finished'),
      }
    },
  },
  'work.fail': {
    document: 'pool',
    fields: ['ticket', 'reason'],
    resolve: (input, resolving) => ({
      reason: input.optionalText('reason'),
      ticket: input.record('ticket', liveIds(resolving)),
    }),
  },
}
