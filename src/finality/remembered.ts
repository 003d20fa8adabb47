import {
  actorOf,
  appointedBy,
  bytesOfKey,
  type Appointment,
  type SocietyKey,
} from '../../protocol/index.ts'
import { allOf, keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Store, Verifier } from '../ports.ts'

/** What finding appointments past the end of a document needs of the node. */
export type RememberedParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly verifier: Verifier
}

/**
 * The sets of witnesses of a society that signed two pasts of its trust document, with those that
 * it appointed past the end of that: what the witnesses before have signed for binds them whatever
 * the society denies, and of two such appointments more than f of them would have signed both
 * (F13). One that follows no witnesses nobody has signed: it is one past's word against another's.
 */
export async function rememberedOf(
  { ledger, store, verifier }: RememberedParts,
  society: SocietyKey,
): Promise<readonly Appointment[]> {
  const actor = actorOf('trust', society)
  const place = ledger.forks.placeOf(actor)
  let appointments = ledger.held.trust(society).appointments
  if (place === Infinity) return appointments
  const range = { ...allOf('change', actor), gte: keys.change(actor, place) }
  for await (const [, bytes] of store.range(range)) {
    const { witnesses = [] } = appointments.at(-1) ?? {}
    if (witnesses.length === 0) break
    const frame = { actor, changes: [bytes], signature: new Uint8Array(64) }
    appointments = appointedBy(frame, appointments, (signature, message, key) =>
      verifier.verify(signature, message, bytesOfKey(key)),
    )
  }
  return appointments
}
