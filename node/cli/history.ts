import type { History } from '../client/index.ts'
import { counted } from '../counted.ts'
import { textOf, type Answer, type CommandContext, type Given } from './command.ts'
import { describeSociety } from './describe.ts'
import { columns, short } from './text.ts'

function describeHistory(view: History): string {
  const { at, known, trust, pool, later, partial } = view.asOf
  const place = (document: History['asOf']['trust']): string => {
    if (document === null) return 'not begun'
    const { changes, head, time } = document
    return `${counted(changes, 'change')}, the newest ${short(head)} at ${time}`
  }
  const about = columns([
    ['as of', at],
    ['known', `to this node at ${known}; left out: ${counted(later, 'later change')}`],
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
