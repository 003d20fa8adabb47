import type { Client } from '../client/index.ts'
import { short } from './text.ts'

/** What a society is called in a text for people. */
export type Naming = (id: string) => string

/**
 * Names of the societies that a node knows. Two of one name are told apart by their ids, and who
 * has no name is shown by its id, shortened as commands take it.
 */
export async function namesOf(api: Client): Promise<Naming> {
  const known = await api.call('listMembers')
  const names = new Map<string, string>()
  const taken = new Map<string, number>()
  for (const { id, name } of Object.values(known).flat()) {
    names.set(id, name)
    taken.set(name, (taken.get(name) ?? 0) + 1)
  }
  return (id) => {
    const name = names.get(id)
    if (name === undefined) return short(id)
    return (taken.get(name) ?? 0) > 1 ? `${name} (${short(id)})` : name
  }
}
