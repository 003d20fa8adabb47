import type { SocietyKey } from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { heldAt } from './refusals.ts'

/** What a queue asks of the node about others, as of now. */
export type QueueKnowledge = {
  readonly now: () => number
  /** Trust in millionths. */
  readonly trustOf: (observer: SocietyKey, subject: SocietyKey) => number
  readonly hasActiveBond: (society: SocietyKey) => boolean
  /** mW of a society's valid sources. */
  readonly capacityOf: (society: SocietyKey) => number
  /** mATP that a society holds, own and borrowed. */
  readonly heldBy: (society: SocietyKey) => number
  /** Time after which a request to a society goes up one class, in ms. */
  readonly ageingOf: (society: SocietyKey) => number
}

/** The same from the documents held and from what else the node can tell. */
export function queueKnowledge(
  held: DocumentsHeld,
  node: Omit<QueueKnowledge, 'heldBy' | 'ageingOf'>,
): QueueKnowledge {
  return {
    ...node,
    heldBy: (society) => heldAt(held.pool(society), node.now()),
    ageingOf: (society) => held.trust(society).policy.ageingHours,
  }
}
