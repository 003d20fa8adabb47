import {
  endorserFault,
  fault,
  isOpen,
  shareFault,
  sponsorFault,
  vouchesGivenMax,
  vouchesReceivedMax,
  vouchMsMax,
  vouchShapeFault,
  type Fault,
  type RecordId,
  type SocietyKey,
  type VouchTerms,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { failureOf } from '../ledger/order-of-checks.ts'
import { activeFor, vouchesBy, vouchesLead, type KnownVouch } from '../trust/vouches.ts'
import { parentOf } from '../view/kinship.ts'
import { factors, refuse, type Input } from './input.ts'
import type { Refusal, Resolver, Resolving } from './resolver.ts'

/** Period of a vouch where none is named, in days. */
const daysDefault = 30

function raise(wrong: Fault | null): void {
  if (wrong !== null) throw failureOf(wrong)
}

/** The admission of this society by its parent, where that parent is to sign. */
function admissionBy(
  endorsers: readonly SocietyKey[],
  { held, self, now }: Resolving,
):
  | { readonly id: RecordId; readonly author: SocietyKey; readonly application: RecordId }
  | undefined {
  const parent = parentOf(held, self, now)
  if (parent === null || !endorsers.includes(parent)) return undefined
  const admitted = held.trust(parent).children.get(self)
  return admitted && { id: admitted.admission, author: parent, application: admitted.application }
}

const holdsWatts = ({ state }: KnownVouch): boolean => state === 'active' || state === 'open'

/** What only other chains tell: a vouch accepted late, cycles and how many there are. */
function knownFault(terms: VouchTerms, given: readonly KnownVouch[]): Fault | null {
  const again = given.find((vouch) => vouch.given.to === terms.to && vouch.state !== 'lapsed')
  return again === undefined
    ? null
    : fault('not-eligible', 'this society has vouched for that one already', again.given.id)
}

function cycleOrCountFault(
  { to }: VouchTerms,
  held: readonly KnownVouch[],
  { vouching, self, now }: Resolving,
): Fault | null {
  if (vouchesLead(vouching, to, self, now)) {
    return fault('vouch-cycle', 'that society vouches for this one already, if by others')
  }
  if (held.length >= vouchesGivenMax) {
    return fault('not-eligible', `at most ${vouchesGivenMax} vouches of a sponsor are active`)
  }
  return activeFor(vouching, to, now).length >= vouchesReceivedMax
    ? fault('not-eligible', `at most ${vouchesReceivedMax} vouches are active for a newcomer`)
    : null
}

function give(input: Input, resolving: Resolving): object {
  const { held, self, now, find, vouching, forks } = resolving
  const watts = input.amount('watts')
  const duration = input.optionalScaled('days', factors.day) ?? daysDefault * factors.day
  if (duration < 1 || duration > vouchMsMax) {
    return refuse('malformed', 'days must be more than 0 and at most 365')
  }
  const endorsers = input.optionalList('endorsers').map(find)
  const to = input.party('to', find)
  const admission = admissionBy(endorsers, resolving)
  const terms = { to, watts, duration, endorsers, admission: admission?.id }
  const trust = held.trust(self)
  const given = vouchesBy(vouching, self, now)
  const open = given.filter(holdsWatts)
  const before = open.reduce((sum, vouch) => sum + vouch.given.watts, 0)
  raise(
    vouchShapeFault(terms, self) ??
      knownFault(terms, given) ??
      sponsorFault(trust, terms, now) ??
      endorserFault(trust, terms, admission, now) ??
      (forks.convicted(to) ? fault('equivocation', 'that society signed two pasts') : null) ??
      shareFault(trust, terms, before, now) ??
      cycleOrCountFault(terms, open, resolving),
  )
  return { ...terms, signatures: [] }
}

/** Vouches that wait for this society's acceptance, as far as is known here. */
function* waiting({ held, self, now }: Resolving): Generator<RecordId> {
  for (const { given } of held.trusts()) {
    for (const vouch of given.values()) if (vouch.to === self && isOpen(vouch, now)) yield vouch.id
  }
}

async function acceptRefusal(value: object, resolving: Resolving): Promise<Refusal> {
  const { vouch } = value as { readonly vouch: RecordId }
  const { index, self, now, vouching } = resolving
  const given = await index.record(vouch)
  if (given?.outcome?.type !== 'vouch' || !vouchesLead(vouching, self, given.author, now)) {
    return undefined
  }
  const message = 'this society vouches for the sponsor, if by others'
  return new Failure('vouch-cycle', message, { record: vouch })
}

/** How vouches are written. */
export const vouchResolvers: Readonly<Record<string, Resolver>> = {
  'vouch.give': { document: 'trust', fields: ['to', 'watts', 'days', 'endorsers'], resolve: give },
  'vouch.accept': {
    document: 'trust',
    fields: ['vouch'],
    resolve: (input, resolving) => ({ vouch: input.record('vouch', waiting(resolving)) }),
    refusal: acceptRefusal,
  },
}
