import { recordId, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { belowAccepted } from './accepted-level.ts'
import { refuse } from './input.ts'
import { liveIds, type Refusal, type Resolver, type Resolving } from './resolver.ts'
import { activeFor } from '../trust/vouches.ts'
import { parentOf } from '../view/kinship.ts'

/** Whether a society is another, or stands below it. */
function isBelow(society: SocietyKey, above: SocietyKey, { held, now }: Resolving): boolean {
  let next: SocietyKey | null = society
  for (let steps = 0; next !== null && steps <= held.societies().length; steps++) {
    if (next === above) return true
    next = parentOf(held, next, now)
  }
  return false
}

const circle = (): Failure =>
  new Failure('citizenship-cycle', 'a society cannot be its own parent’s ancestor')

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

/** What is wrong with a grant of ATP that is less surely proven than this society accepts. */
async function takeRefusal(value: object, resolving: Resolving): Promise<Refusal> {
  const { grant } = value as { readonly grant: RecordId | undefined }
  const outcome = grant && (await resolving.index.record(grant))?.outcome
  if (outcome?.type !== 'grant' || outcome.to !== resolving.self) return undefined
  const alive = outcome.slices.filter(({ expiresAt }) => expiresAt >= resolving.now)
  return belowAccepted(alive, resolving)
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
    fields: ['parent'],
    resolve: (input, { find }) => ({ parent: input.party('parent', find) }),
    refusal(value, resolving) {
      const { parent } = value as { readonly parent: SocietyKey }
      return isBelow(parent, resolving.self, resolving) ? circle() : undefined
    },
  },
  'citizenship.admit': {
    document: 'trust',
    fields: ['child'],
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
    // Whoever sees the circle refuses it, whichever of the two is written last.
    refusal(value, resolving) {
      const { child } = value as { readonly child: SocietyKey }
      return isBelow(resolving.self, child, resolving) ? circle() : undefined
    },
  },
  'citizenship.leave': {
    document: 'trust',
    fields: [],
    resolve: (_input, { held, self }) => {
      const { chain } = held.pool(self)
      return { pool: chain.head === null ? undefined : recordId(chain.head, 0) }
    },
  },
  'allocation.grant': {
    document: 'pool',
    fields: ['to', 'amount'],
    resolve: (input, resolving) => {
      const amount = input.amount('amount')
      const to = input.party('to', resolving.find)
      return { to, amount, ...claimOf(resolving, to) }
    },
  },
  'allocation.take': {
    document: 'pool',
    fields: ['grant', 'return'],
    resolve: (input, resolving) => ({
      grant: input.optionalRecord('grant', liveIds(resolving)),
      return: input.optionalRecord('return', liveIds(resolving)),
    }),
    refusal: takeRefusal,
  },
  'allocation.return': {
    document: 'pool',
    fields: ['grant', 'completion', 'take', 'revoke', 'cause'],
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
    fields: ['grant'],
    resolve: (input, resolving) => ({ grant: input.record('grant', liveIds(resolving)) }),
  },
}
