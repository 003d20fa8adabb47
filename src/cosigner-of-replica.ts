import { Cosigner } from './cosign.ts'
import type { Indexes } from './indexes.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Members } from './members.ts'
import type { ReplicaParts } from './replica-parts.ts'
import { endorsementRefusal } from './trust/endorse.ts'

/** The co-signer of a replica, from its parts. */
export function cosignerOf(
  parts: ReplicaParts,
  { self, index }: Ledger,
  { relations }: Indexes,
  members: Members,
): Cosigner {
  const { signer, network, clock, cosign: policy, localSigners = new Map() } = parts
  return new Cosigner({
    self,
    index,
    signer,
    network,
    clock,
    policy,
    localSigners,
    peersOf: (society) => members.peersOf(society),
    endorsementRefusal: (endorsement) =>
      endorsementRefusal(relations, self, clock.now(), endorsement),
  })
}
