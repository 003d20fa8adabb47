import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import type { EventLog } from '../events.ts'
import type { Indexes } from '../indexes.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { PeerName } from '../ports.ts'
import type { ReplicaParts } from '../replica-parts.ts'
import { Witnessing } from './witnessing.ts'

/** What witnessing asks of the replica that it belongs to. */
export type WitnessingNode = {
  readonly events: EventLog
  readonly peersOf: (society: SocietyKey) => readonly PeerName[]
  readonly memberOf: (peer: PeerName) => SocietyKey | undefined
  readonly write: (kind: string, given: unknown) => Promise<RecordId>
}

/** The witnessing of a replica, from its parts. */
export function witnessingOf(
  parts: ReplicaParts,
  { self, held, index }: Ledger,
  { claims, transcripts }: Indexes,
  { events, peersOf, memberOf, write }: WitnessingNode,
): Witnessing {
  const { clock, network, log, verifier, signer, sha256, witness: options } = parts
  const emit = (type: string, data: Readonly<Record<string, unknown>>): void =>
    events.emit(type, clock.now(), data)
  const here = { self, held, index, claims, transcripts, peersOf, societyOf: memberOf }
  return new Witnessing({
    ...here,
    clock,
    network,
    log,
    verifier,
    signer,
    sha256,
    emit,
    write,
    options,
  })
}
