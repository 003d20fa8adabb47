import { recordKinds, type DocumentKind, type Fields } from '../../protocol/index.ts'
import { bondResolvers } from './bonds.ts'
import { citizenshipResolvers } from './citizenship.ts'
import { energyResolvers } from './energy.ts'
import { refuseUncertified } from './finality.ts'
import { Input, refuse } from './input.ts'
import { liarResolvers, refuseLiars } from './liars.ts'
import type { Resolver, Resolving } from './resolver.ts'
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
export type Resolved = { readonly document: DocumentKind; readonly value: object }

/** Resolves what a caller gives for a kind of record; throws `Failure` to refuse. */
export async function resolveRecord(
  kind: string,
  given: unknown,
  resolving: Resolving,
): Promise<Resolved> {
  const resolver = resolvers.get(kind)
  if (resolver === undefined) return refuse('malformed', `there is no kind of record '${kind}'`)
  const input = new Input(given)
  const value = await resolver.resolve(input, resolving)
  input.finish()
  await refuseLiars(kind, value, resolving)
  await refuseUncertified(kind, value, resolving)
  return { document: resolver.document, value }
}

/** The wire fields of resolved values. */
export function fieldsOf(kind: string, value: object): Fields {
  const found = recordKinds.get(kind)
  return found === undefined
    ? refuse('malformed', `there is no kind '${kind}'`)
    : found.write(value)
}
