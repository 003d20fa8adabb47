import { changeMessage, keyOfBytes, ownerOfActor } from '../../protocol/index.ts'
import type { ChangeHash, Code, RecordId, SocietyKey } from '../../protocol/index.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { Signer, Verifier } from '../../src/ports.ts'
import { markerSignature } from './ledger-replica.ts'
import type { Written } from './ledger-world.ts'
import { openLedger } from './open-ledger.ts'

const observer: Signer = { publicKey: new Uint8Array(32).fill(7), sign: () => new Uint8Array(64) }

/** Takes what `markerSignature` makes for a signature. */
const markers: Verifier = {
  verify(signature, message, publicKey) {
    const marker = markerSignature(message, keyOfBytes(publicKey))
    return signature.length === 64 && marker.every((byte, i) => byte === signature[i])
  },
}

/** A signed frame of one change. */
function frameOf({ actor, bytes, hash }: Written): Parameters<Ledger['ingest']>[0] {
  const owner = ownerOfActor(actor)?.key as SocietyKey
  const signature = markerSignature(changeMessage(hash as ChangeHash), owner)
  return { actor, changes: [bytes], signature }
}

/**
 * What the real pipeline of a node that is nobody in particular makes of changes which arrive in
 * just this order, whatever they name: the code of each record, null for a valid one.
 */
export async function judgedByLedger(
  arriving: readonly Written[],
  now: number,
): Promise<ReadonlyMap<RecordId, Code | null>> {
  const verdicts = new Map<RecordId, Code | null>()
  const ledger = await openLedger({
    verifier: markers,
    signer: observer,
    clock: { now: () => now, after: () => () => {}, elapsed: () => now },
    onAccepted: (accepted) => {
      for (const { judged } of accepted) for (const each of judged) verdicts.set(each.id, each.void)
    },
  })
  for (const written of arriving) await ledger.ingest(frameOf(written), null)
  // What waited for others is judged behind them.
  while (ledger.load.jobs > 0) await ledger.exclusively(async () => {})
  await ledger.close()
  return verdicts
}
