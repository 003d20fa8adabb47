import { recordKinds, type Fields, type RecordId } from '../../../protocol/index.ts'
import type { SeededRandom } from '../random.ts'
import { pick } from './actions.ts'

/** References of records that a rogue may name without any right to. */
const references: readonly (readonly [kind: string, field: string, names: string])[] = [
  ['trade.claim', 'settlement', 'trade.settle'],
  ['trade.claim', 'settlement', 'trade.settle'],
  ['allocation.take', 'grant', 'allocation.grant'],
  ['allocation.take', 'grant', 'allocation.grant'],
  ['allocation.take', 'return', 'allocation.return'],
  ['trade.settle', 'acceptance', 'trade.accept'],
  ['trade.decline', 'acceptance', 'trade.accept'],
  ['work.fail', 'ticket', 'work.allocate'],
  ['allocation.revoke', 'grant', 'allocation.grant'],
  ['trade.cancel', 'offer', 'trade.offer'],
]

/**
 * A record that no honest node would write: whatever its rule makes of it, everybody has to come to
 * the same. Undefined where there is nothing yet that it could name.
 */
export function rogueFields(
  random: SeededRandom,
  recent: (kind: string) => readonly RecordId[],
  /** Settlements and grants to the rogue itself, on whatever past. */
  handedOver: readonly { readonly id: RecordId; readonly kind: string }[],
): Fields | undefined {
  const write = (kind: string, value: object): Fields | undefined =>
    recordKinds.get(kind)?.write(value)
  const mine = pick(random, handedOver)
  if (mine !== undefined && random.next() < 2 / 3) {
    return mine.kind === 'trade.settle'
      ? write('trade.claim', { settlement: mine.id })
      : write('allocation.take', { grant: mine.id })
  }
  if (random.next() < 1 / 4) {
    const acceptance = pick(random, recent('trade.accept'))
    const because = pick(random, [
      ...recent('equivocation.report'),
      ...recent('trade.settle'),
      ...recent('trade.decline'),
    ])
    return acceptance && because && write('trade.cancel', { acceptance, because })
  }
  if (random.next() < 1 / 4) {
    const proof = pick(random, recent('energy.prove'))
    const amount = Math.floor(random.next() * 200_000)
    return proof && write('atp.charge', { proof, supplies: [], amount, lifetime: 60_000 })
  }
  const [kind = '', field = '', names = ''] = pick(random, references) ?? []
  const id = pick(random, recent(names))
  return id && write(kind, { [field]: id })
}
