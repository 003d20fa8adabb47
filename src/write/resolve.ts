import { recordKinds, type DocumentKind, type Fields } from '../../protocol/index.ts'
import { earlierOf } from '../ledger/order-of-checks.ts'
import { bondResolvers } from './bonds.ts'
import { citizenshipResolvers } from './citizenship.ts'
import { energyResolvers } from './energy.ts'
import { uncertified } from './finality.ts'
import { Input, refuse } from './input.ts'
import { liarRefusal, liarResolvers } from './liars.ts'
import type { Refusal, Resolver, Resolving } from './resolver.ts'
import { societyResolvers } from './society.ts'
import { tradeResolvers } from './trade.ts'
import { trustResolvers } from './trust.ts'
import { vouchResolvers } from './vouches.ts'
import { workResolvers } from './work.ts'

const resolvers: ReadonlyMap<string, Resolver> = new Map(
  Object.entries({
    ...societyResolvers,
    ...energyResolvers,
    ...workResolvers,
    ...citizenshipResolvers,
    ...tradeResolvers,
    ...bondResolvers,
    ...vouchResolvers,
    ...trustResolvers,
    ...liarResolvers,
  }),
)

/** Kinds of record that can be written. */
export const writableKinds: readonly string[] = [...resolvers.keys()]

/** A record ready to be written, but for signatures that others must give. */
export type Resolved = {
  readonly document: DocumentKind
  readonly value: object
  /** Why this node does not write it, unless the rules find something earlier. */
  readonly refusal: Refusal
}

/** Resolves what a caller gives for a kind of record; throws `Failure` to refuse. */
export async function resolveRecord(
  kind: string,
  given: unknown,
  resolving: Resolving,
): Promise<Resolved> {
  const resolver = resolvers.get(kind)
  if (resolver === undefined) return refuse('malformed', `there is no kind of record '${kind}'`)
  const input = new Input(given)
  input.only(resolver.fields)
  const value = await resolver.resolve(input, resolving)
  const refusals = [
    await resolver.refusal?.(value, resolving),
    await liarRefusal(kind, value, resolving),
    await uncertified(kind, value, resolving),
  ]
  const refusal = refusals.reduce((one, other) => earlierOf(one, other))
  return { document: resolver.document, value, refusal }
}

/** The wire fields of resolved values. */
export function fieldsOf(kind: string, value: object): Fields {
  const found = recordKinds.get(kind)
  return found === undefined
    ? refuse('malformed', `there is no kind '${kind}'`)
    : found.write(value)
}
