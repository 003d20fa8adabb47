import { actorOf, codes, didOf, type Recorded } from '../../../protocol/index.ts'
import type { ApiContext } from '../context.ts'
import { at, no, unclear, yes, type Reason } from './reason.ts'

function valid({ id, kind, time, void: code }: Recorded): Reason {
  const what = `${kind} of ${at(time)}`
  if (code === null) return yes('valid', `${what}; no rule speaks against it`, [id])
  const [, advice] = codes[code]
  return no('valid', `${what} is void for ever and everywhere: ${code}. ${advice}`, [id])
}

function spendable(record: Recorded): readonly Reason[] {
  if (record.outcome?.type !== 'charge') return []
  const gone =
    'nothing of this batch is left with this society: it was spent, lent, sold or expired'
  return [no('spendable', gone, [record.id])]
}

function announced({ replica }: ApiContext, { author, document, seq }: Recorded): Reason {
  const question = 'announced by its author'
  const head = replica.headOf(actorOf(document, author))?.head
  if (head === undefined) return unclear(question, 'no signed head of its document is known here')
  const words = `place ${seq}; the newest signed head is of ${head.seq}, at ${at(head.time)}`
  return (head.seq >= seq ? yes : no)(question, words)
}

/** What there is to ask about a record. */
export function whyRecord(context: ApiContext, record: Recorded): readonly Reason[] {
  const { standing, name } = context.replica.society(record.author)
  const author =
    standing === 'good'
      ? yes('author honest', `${name}, ${didOf(record.author)}`)
      : no('author honest', `${name} has signed two pasts: others may hold another record here`)
  return [valid(record), ...spendable(record), announced(context, record), author]
}
