import type { Log, Replica, WitnessOptions } from '../../src/index.ts'
import type { Config } from '../config/config.ts'
import type { DeviceTls } from '../meters/device-tls.ts'
import type { ByteStreams } from '../network/streams.ts'
import { Allowed } from './allowed.ts'
import { createExaminer, tunnelEndOf } from './examiner.ts'
import { serveTunnels } from './tunnel.ts'

/** How a node takes part in witnessing, by its configuration. Fails with `malformed`. */
export function witnessOptions(
  { looks, asks, allow, samples, gapSeconds }: Config['witness'],
  network: ByteStreams,
  tls: DeviceTls,
  now: () => number,
): WitnessOptions {
  const allowed = new Allowed(allow)
  const examiner = createExaminer({ network, allowed, tls, now })
  return { examiner, looks, asks, plan: { samples, gapMs: gapSeconds * 1000 } }
}

/** Leads witnesses that the replica has asked to the devices of its own proofs. */
export function openTunnels(
  replica: Replica,
  network: ByteStreams,
  { relaySealed }: Config['witness'],
  log: Log,
): void {
  serveTunnels({
    network,
    log,
    endFor: (proof, peer) => {
      const { method, transcript } = replica.witnessing.shownTo(proof, peer)
      return tunnelEndOf(method, transcript, relaySealed)
    },
  })
}
