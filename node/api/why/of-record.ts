import { actorOf, codes, didOf, type Recorded } from '../../../protocol/index.ts'
import { handovers } from '../../../src/index.ts'
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

/** Whether witnesses vouch for what hands something over, which receivers may wait for. */
function certified({ replica }: ApiContext, { author, kind, seq }: Recorded): readonly Reason[] {
  const reach = handovers.has(kind) ? replica.certifiedTo(author) : undefined
  if (reach === undefined) return []
  const question = 'certified by witnesses'
  const words = `place ${seq}; they have acknowledged places up to ${reach}`
  if (reach >= seq) return [yes(question, words)]
  return [no(question, `${words}: who receives it waits for those who are away`)]
}

/** What there is to ask about a record. */
export function whyRecord(context: ApiContext, record: Recorded): readonly Reason[] {
  const { standing, name } = context.replica.society(record.author)
  const author =
    standing === 'good'
      ? yes('author honest', `${name}, ${didOf(record.author)}`)
      : no('author honest', `${name} has signed two pasts: others may hold another record here`)
  const told = [announced(context, record), ...certified(context, record), author]
  return [valid(record), ...spendable(record), ...told]
}
