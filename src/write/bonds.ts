import {
  bondLockMsMax,
  bondLockMsMin,
  standingOf,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { contestOf } from './contest.ts'
import { factors, refuse, type Input } from './input.ts'
import { ownSource } from './own-source.ts'
import type { Refusal, Resolver, Resolving } from './resolver.ts'

/** Lock of a bond where none is named. */
const lockDaysDefault = 30

/** Another society's active bond over a source; a society's own is the rule's business. */
function bondOver(
  { held, self, now }: Resolving,
  sources: readonly string[],
): { readonly id: RecordId; readonly society: SocietyKey } | undefined {
  for (const trust of held.trusts()) {
    const { society, bond, time } = trust
    if (society === self || bond === null) continue
    const shared = bond.sources.some((source) => sources.includes(source))
    const { state } = standingOf(bond, trust.sources, Math.max(now, time))
    if (shared && state === 'active') return { id: bond.id, society }
  }
  return undefined
}

function commit(input: Input, resolving: Resolving): object {
  const sources = input.optionalList('sources').map((text) => ownSource(text, resolving))
  const lock = input.optionalScaled('lockDays', factors.day) ?? lockDaysDefault * factors.day
  if (lock < bondLockMsMin || lock > bondLockMsMax) {
    return refuse('malformed', 'lockDays must be from 7 to 365')
  }
  return { sources, lock }
}

function commitRefusal(value: object, resolving: Resolving): Refusal {
  const { sources } = value as { readonly sources: readonly string[] }
  const own = resolving.held.trust(resolving.self).sources
  const contest = contestOf(
    sources.flatMap((id) => own.get(id) ?? []),
    resolving,
  )
  if (contest !== undefined) return contest
  const other = bondOver(resolving, sources)
  if (other === undefined) return undefined
  const message = 'a source is committed to another society’s bond'
  return new Failure('bond-exists', message, { record: other.id })
}

/** How bonds are written. */
export const bondResolvers: Readonly<Record<string, Resolver>> = {
  'bond.commit': {
    document: 'trust',
    fields: ['sources', 'lockDays'],
    resolve: commit,
    refusal: commitRefusal,
  },
  'bond.fulfil': { document: 'trust', fields: [], resolve: () => ({}) },
  'bond.abandon': { document: 'trust', fields: [], resolve: () => ({}) },
}
