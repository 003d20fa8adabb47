import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { factors, refuse, type Input } from './input.ts'
import { liveIds, type Resolver, type Resolving } from './resolver.ts'

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

/** How requests for work, tickets and their ends are written. */
export const workResolvers: Readonly<Record<string, Resolver>> = {
  'work.request': {
    document: 'pool',
    resolve: (input, { find }) => ({
      amount: input.amount('amount'),
      urgency: input.optionalRatio('urgency'),
      efficiency: input.optionalRatio('efficiency'),
      deadline: input.optionalScaled('deadlineHours', factors.hour),
      critical: input.optionalFlag('critical') === true ? true : undefined,
      description: input.optionalText('description'),
      to: input.party('to', find),
    }),
  },
  'work.allocate': {
    document: 'pool',
    resolve: (input, resolving) => ({
      amount: input.amount('amount'),
      deadline:
        input.optionalScaled('deadlineHours', factors.hour) ??
        resolving.held.trust(resolving.self).policy.ticketDeadlineHours,
      description: input.optionalText('description'),
      worker: input.party('worker', resolving.find),
      request: input.optionalRecord('request', liveIds(resolving)),
    }),
  },
  'work.complete': {
    document: 'pool',
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
    resolve: (input, resolving) => ({
      reason: input.optionalText('reason'),
      ticket: input.record('ticket', liveIds(resolving)),
    }),
  },
}
