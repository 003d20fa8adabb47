import { recordId, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import { refuseBelowAccepted } from './accepted-level.ts'
import { refuse } from './input.ts'
import { liveIds, type Resolver, type Resolving } from './resolver.ts'
import { activeFor } from '../trust/vouches.ts'
import { parentOf } from '../view/kinship.ts'

/** Whether `society` stands above this one: applying to a descendant would close a circle. */
function isDescendant(resolving: Resolving, society: SocietyKey): boolean {
  const { held, self, now } = resolving
  let next: SocietyKey | null = society
  for (let steps = 0; next !== null && steps <= held.societies().length; steps++) {
    if (next === self) return true
    next = parentOf(held, next, now)
  }
  return false
}

/** Why a society may be granted ATP: it is this one's child now, or this one vouches for it. */
function claimOf(
  resolving: Resolving,
  to: SocietyKey,
): { readonly admission: RecordId } | { readonly vouch: RecordId } {
  const { held, self, now, vouching } = resolving
  const admitted = held.trust(self).children.get(to)
  if (admitted !== undefined && parentOf(held, to, now) === self) {
    return { admission: admitted.admission }
  }
  const vouch = activeFor(vouching, to, now).find(({ sponsor }) => sponsor === self)
  return vouch === undefined
    ? refuse('not-citizen', 'ATP is granted to children and to newcomers that one vouches for')
    : { vouch: vouch.id }
}

/** Refuses a grant to this society of ATP that is less surely proven than it accepts. */
async function refuseGrantBelow(grant: RecordId, resolving: Resolving): Promise<void> {
  const outcome = (await resolving.index.record(grant))?.outcome
  if (outcome?.type !== 'grant' || outcome.to !== resolving.self) return
  const alive = outcome.slices.filter(({ expiresAt }) => expiresAt >= resolving.now)
  await refuseBelowAccepted(alive, resolving)
}

function causeOf(
  given: RecordId | undefined,
  kind: string | undefined,
): Record<string, RecordId | undefined> {
  return kind === 'allocation.take' ? { take: given } : { completion: given }
}

/** How citizenship and lent ATP are written. */
export const citizenshipResolvers: Readonly<Record<string, Resolver>> = {
  'citizenship.apply': {
    document: 'trust',
    resolve: (input, resolving) => {
      const parent = input.party('parent', resolving.find)
      const { held, self, now } = resolving
      const open = held.trust(self).application
      if (open !== null && (open.leftAt === null || now < open.leftAt)) {
        return refuse('already-citizen', 'one application is open already; leave first')
      }
      return isDescendant(resolving, parent)
        ? refuse('citizenship-cycle', 'that society is this one or below it')
        : { parent }
    },
  },
  'citizenship.admit': {
    document: 'trust',
    resolve: (input, resolving) => {
      const child = input.party('child', resolving.find)
      const { held, self, now } = resolving
      const application = held.trust(child).application
      if (application === null || application.parent !== self) {
        return refuse('unknown-reference', 'that society has not applied to this one')
      }
      if (application.leftAt !== null && application.leftAt <= now) {
        return refuse('already-ended', 'that society has withdrawn its application')
      }
      return { child, application: application.id }
    },
  },
  'citizenship.leave': {
    document: 'trust',
    resolve: (_input, { held, self }) => {
      const { chain } = held.pool(self)
      return { pool: chain.head === null ? undefined : recordId(chain.head, 0) }
    },
  },
  'allocation.grant': {
    document: 'pool',
    resolve: (input, resolving) => {
      const amount = input.amount('amount')
      const to = input.party('to', resolving.find)
      return { to, amount, ...claimOf(resolving, to) }
    },
  },
  'allocation.take': {
    document: 'pool',
    resolve: async (input, resolving) => {
      const ids = [...liveIds(resolving)]
      const grant = input.optionalRecord('grant', ids)
      const returned = input.optionalRecord('return', ids)
      if (grant !== undefined) await refuseGrantBelow(grant, resolving)
      return { grant, return: returned }
    },
  },
  'allocation.return': {
    document: 'pool',
    resolve: async (input, resolving) => {
      const ids = [...liveIds(resolving)]
      const cause = input.optionalRecord('cause', ids)
      const kind = cause === undefined ? undefined : (await resolving.index.record(cause))?.kind
      return {
        grant: input.record('grant', ids),
        completion: input.optionalRecord('completion', ids),
        take: input.optionalRecord('take', ids),
        revoke: input.optionalRecord('revoke', ids),
        ...(cause === undefined ? {} : causeOf(cause, kind)),
      }
    },
  },
  'allocation.revoke': {
    document: 'pool',
    resolve: (input, resolving) => ({ grant: input.record('grant', liveIds(resolving)) }),
  },
}
