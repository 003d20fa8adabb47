import type { RecordId } from '../../protocol/index.ts'
import type { EventLog } from '../events.ts'
import type { Indexes } from '../indexes.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Members } from '../members.ts'
import type { ReplicaParts } from '../replica-parts.ts'
import { Witnessing } from './witnessing.ts'

/** What witnessing asks of the replica that it belongs to. */
export type WitnessingNode = {
  readonly events: EventLog
  write(kind: string, given: unknown): Promise<RecordId>
}

/** The witnessing of a replica, from its parts. */
export function witnessingOf(
  parts: ReplicaParts,
  { self, held, index }: Ledger,
  { claims, transcripts }: Indexes,
  members: Members,
  node: WitnessingNode,
): Witnessing {
  const { clock, network, log, verifier, signer, sha256, witness: options } = parts
  return new Witnessing({
    self,
    held,
    index,
    claims,
    transcripts,
    clock,
    network,
    log,
    verifier,
    signer,
    sha256,
    options,
    peersOf: (society) => members.peersOf(society),
    societyOf: (peer) => members.memberOf(peer),
    emit: (type, data) => node.events.emit(type, clock.now(), data),
    write: (kind, given) => node.write(kind, given),
  })
}
