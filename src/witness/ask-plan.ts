import { witnessesForLevel, type SocietyKey } from '../../protocol/index.ts'

/** Where asking for witnesses of one proof stands. */
export type AskState = {
  /** The chosen witnesses, in the order in which they are to be asked. */
  readonly chosen: readonly SocietyKey[]
  /** What those say who have spoken. */
  readonly verdicts: ReadonlyMap<SocietyKey, boolean>
  /** Until when the word of each that was asked is waited for; an instant that is over if not. */
  readonly asked: ReadonlyMap<SocietyKey, number>
  readonly now: number
}

/** What to do next: whom to ask, and until when to wait; `done` with two of one mind. */
export type AskPlan =
  | { readonly type: 'done' }
  | { readonly type: 'ask'; readonly ask: readonly SocietyKey[] }
  | { readonly type: 'wait'; readonly until: number }
  | { readonly type: 'exhausted' }

/**
 * The next step in asking for witnesses: always so many are asked that two of one mind can come of
 * it, in the order of the choice, each once. Where the first say contrary things, the next decide.
 */
export function planAsking({ chosen, verdicts, asked, now }: AskState): AskPlan {
  const words = chosen.flatMap((society) => verdicts.get(society) ?? [])
  const yes = words.filter(Boolean).length
  const most = Math.max(yes, words.length - yes)
  if (most >= witnessesForLevel) return { type: 'done' }
  const awaited = chosen.flatMap((society) => {
    const until = verdicts.has(society) ? undefined : asked.get(society)
    return until !== undefined && until > now ? [until] : []
  })
  const missing = witnessesForLevel - most - awaited.length
  const left = chosen.filter((society) => !verdicts.has(society) && !asked.has(society))
  if (missing > 0 && left.length > 0) return { type: 'ask', ask: left.slice(0, missing) }
  return awaited.length > 0 ? { type: 'wait', until: Math.min(...awaited) } : { type: 'exhausted' }
}
