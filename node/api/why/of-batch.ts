import type { Lot, RecordId } from '../../../protocol/index.ts'
import { counted } from '../../counted.ts'
import type { ApiContext } from '../context.ts'
import { at, atp, no, unclear, yes, type Reason } from './reason.ts'

/** Lots of one batch in this society's pool. */
export function lotsOf({ replica }: Pick<ApiContext, 'replica'>, text: string): readonly Lot[] {
  const own = [...replica.states().pools].find(({ society }) => society === replica.self)
  return [...(own?.lots.values() ?? [])].filter(({ batch }) => batch.startsWith(text))
}

const sum = (lots: readonly Lot[], part: 'available' | 'reserved' | 'escrowed' | 'lent'): number =>
  lots.reduce((total, lot) => total + lot[part], 0)

function spendable({ replica, now }: ApiContext, lots: readonly Lot[]): Reason {
  const [first] = lots
  if (first === undefined) return no('spendable', 'this society holds nothing of it')
  const { batch, expiresAt } = first
  const expiry = `it expires at ${at(expiresAt)}`
  if (expiresAt < now()) return no('spendable', `it expired at ${at(expiresAt)}, unused`, [batch])
  const pool = [...replica.states().pools].find(({ society }) => society === replica.self)
  const keys = new Set(lots.map(({ key }) => key))
  const holds = (shares: readonly { readonly lot: string }[]): boolean =>
    shares.some(({ lot }) => keys.has(lot))
  const tickets = [...(pool?.tickets.values() ?? [])].filter(({ shares }) => holds(shares))
  const parts: readonly [number, string][] = [
    [sum(lots, 'reserved'), `reserved for ${counted(tickets.length, 'open ticket')}`],
    [sum(lots, 'escrowed'), 'in escrow for offers until they are settled or cancelled'],
    [sum(lots, 'lent'), 'lent to children until they return it or it is revoked'],
  ]
  const held = parts
    .filter(([amount]) => amount > 0)
    .map(([amount, why]) => `${atp(amount)} ${why}`)
  const records = [batch, ...tickets.map(({ id }) => id)]
  const available = sum(lots, 'available')
  const rest = [...held, expiry].join('; ')
  if (available > 0) return yes('spendable', `${atp(available)} of it; ${rest}`, records)
  return no('spendable', rest, records)
}

function sourceOf({ replica }: ApiContext, { charger, source }: Lot): Reason {
  const view = replica.society(charger).energy.sources[source]
  if (view === undefined) return unclear('source proven', `nothing is known here of ${source}`)
  const { state, staleAt, assurance } = view
  const words = `${source} is ${state}, level ${assurance}, proven until ${staleAt}`
  return (state === 'valid' ? yes : no)('source proven', words)
}

async function provenToOthers({ replica }: ApiContext, id: string): Promise<Reason> {
  const { batches, problems, acceptAssurance } = await replica.backing(replica.self)
  const batch = batches.find((each) => each.id === id)
  const question = 'others may take it'
  if (batch === undefined) return unclear(question, 'nothing of it is held now')
  const level = `level ${batch.assurance}, where ${acceptAssurance} is asked for`
  if (batch.proven) return yes(question, level, batch.chain)
  const chain = new Set(batch.chain)
  const own = problems.filter(({ record }) => record === null || chain.has(record))
  const words = own.map(({ message }) => message)
  return no(question, [level, ...words].join('; '), batch.chain)
}

/** What there is to ask about a batch of ATP that this society holds. */
export async function whyBatch(
  context: ApiContext,
  id: RecordId,
  lots: readonly Lot[],
): Promise<readonly Reason[]> {
  const [first] = lots
  return [
    spendable(context, lots),
    ...(first === undefined ? [] : [sourceOf(context, first)]),
    await provenToOthers(context, id),
  ]
}
