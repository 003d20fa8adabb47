import { ambiguous } from '../ambiguous.ts'
import type { Resolving } from './resolver.ts'

/** What follows `type:scheme:` in a source id. */
const valueOf = (id: string): string => id.slice(id.indexOf(':', id.indexOf(':') + 1) + 1)

/**
 * The source of this society that a text names: its id, or a unique prefix of that, with or without
 * `type:scheme:`. Retired ones count where no other fits. What fits none stays as it is, for the
 * rules to judge; fails with `malformed` where several fit.
 */
export function ownSource(text: string, { held, self }: Resolving): string {
  const { sources } = held.trust(self)
  if (text === '' || sources.has(text)) return text
  const fitting = [...sources.values()].filter(
    ({ id }) => id.startsWith(text) || valueOf(id).startsWith(text),
  )
  const live = fitting.filter(({ retired }) => retired === null)
  const found = live.length > 0 ? live : fitting
  if (found.length > 1) {
    throw ambiguous(
      text,
      'sources',
      found.map(({ id }) => id),
    )
  }
  return found[0]?.id ?? text
}
