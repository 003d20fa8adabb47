import { useResource } from './resource.ts'
import { short } from './words.ts'

type Named = { readonly id: string; readonly name: string }

/** Who belongs to the federation, who asks to, and who else is known. */
export type Members = {
  readonly members: readonly Named[]
  readonly applicants: readonly Named[]
  readonly guests: readonly Named[]
}

/** What a society is called. */
export type Naming = (id: string) => string

/** Names of the societies that the node knows; who shares a name is told apart by id. */
export function useNames(): Naming {
  const { value } = useResource<Members>('/v1/members')
  const known = Object.values(value ?? {}).flat()
  const names = new Map(known.map(({ id, name }) => [id, name]))
  return (id) => {
    const name = names.get(id)
    if (name === undefined) return short(id)
    const isShared = known.some((other) => other.name === name && other.id !== id)
    return isShared ? `${name} (${short(id)})` : name
  }
}

/** Everybody but the society itself, to choose from. */
export function useOthers(
  self: string,
): readonly { readonly value: string; readonly label: string }[] {
  const { value } = useResource<Members>('/v1/members')
  const name = useNames()
  return Object.values(value ?? {})
    .flat()
    .filter(({ id }) => id !== self)
    .map(({ id }) => ({ value: id, label: name(id) }))
}
