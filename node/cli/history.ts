import type { History } from '../client/index.ts'
import { textOf, type Answer, type CommandContext, type Given } from './command.ts'
import { describeSociety } from './describe.ts'
import { columns, short } from './text.ts'

function describeHistory(view: History): string {
  const { at, known, trust, pool, later, partial } = view.asOf
  const place = (document: History['asOf']['trust']): string =>
    document === null
      ? 'not begun'
      : `${document.changes} changes, the newest ${short(document.head)} at ${document.time}`
  const about = columns([
    ['as of', at],
    ['known', `to this node at ${known}; ${later} later changes are left out`],
    ['trust', place(trust)],
    ['pool', place(pool)],
    ...partial.map(({ member, because }) => ['not as of then', `${member}: ${because}`]),
  ])
  return `${describeSociety(view)}\n\n${about}`
}

/** A society as the ledger stood at a time, for people as `status` shows it. */
export async function pastSociety(given: Given, { client, tell }: CommandContext): Promise<Answer> {
  tell('folding the chains again ...')
  const params = { id: textOf(given, 'id') ?? '' }
  const query = { at: textOf(given, 'at') }
  const value = await (await client()).call('getHistory', { params, query })
  return { value, text: describeHistory(value) }
}
