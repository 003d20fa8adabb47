import type { PeerName } from '../../src/index.ts'
import type { NetworkLimits } from './limits.ts'

/** Why a target is dialled: members and bootstrap nodes for ever, others while peers are few. */
export type DialKind = 'member' | 'bootstrap' | 'known'

/** Somebody worth a dial, under its name or, while that is unknown, under its address. */
export type DialTarget = {
  readonly kind: DialKind
  /** Missing for an address without a name until the first connection tells it. */
  readonly peer?: PeerName
  /** Multiaddr to dial; without it the peer store knows the addresses. */
  readonly address?: string
  readonly failures: number
  /** Not to be dialled before this time. */
  readonly notBeforeMs: number
  readonly dialling: boolean
  readonly connectedSinceMs?: number
  readonly lastFailure?: string
}

/** What the choice depends on besides the targets. */
export type DialView = {
  readonly nowMs: number
  readonly connections: number
  readonly connectionsMax: number
  readonly outboundPeers: number
  readonly isConnected: (peer: PeerName) => boolean
  readonly isRefused: (peer: PeerName) => boolean
}

type Limits = Pick<
  NetworkLimits,
  | 'dialsMax'
  | 'outboundPeersMin'
  | 'redialMinMs'
  | 'redialMaxMs'
  | 'redialLongMaxMs'
  | 'redialLongAfter'
  | 'stableConnectionMs'
>

const isDue = (target: DialTarget, view: DialView, dialled: ReadonlySet<PeerName>): boolean => {
  if (target.dialling || target.notBeforeMs > view.nowMs) return false
  const { peer } = target
  if (peer === undefined) return true
  return !view.isConnected(peer) && !view.isRefused(peer) && !dialled.has(peer)
}

/**
 * Keys of the targets to dial now: all members and bootstrap nodes that are due, then others until
 * enough outbound connections are there. Others come in the order of the map.
 */
export const chooseDials = (
  targets: ReadonlyMap<string, DialTarget>,
  view: DialView,
  limits: Limits,
): readonly string[] => {
  const all = [...targets]
  const underWay = all.filter(([, target]) => target.dialling)
  const dialled = new Set(underWay.flatMap(([, { peer }]) => (peer === undefined ? [] : [peer])))
  const room = Math.max(0, view.connectionsMax - view.connections - underWay.length)
  const free = Math.min(room, limits.dialsMax - underWay.length)
  let others = limits.outboundPeersMin - view.outboundPeers - underWay.length
  const chosen: string[] = []
  for (const kind of ['member', 'bootstrap', 'known'] as const) {
    for (const [key, target] of all) {
      if (chosen.length >= free) return chosen
      if (target.kind !== kind || !isDue(target, view, dialled)) continue
      if (kind === 'known' && others <= 0) break
      chosen.push(key)
      others -= 1
      if (target.peer !== undefined) dialled.add(target.peer)
    }
  }
  return chosen
}

/** A target after a failure; `chance` in [0, 1) spreads the dials of nodes that lost each other. */
export const afterFailure = (
  target: DialTarget,
  why: string,
  nowMs: number,
  chance: number,
  limits: Limits,
): DialTarget => {
  const { failures } = target
  const most = failures >= limits.redialLongAfter ? limits.redialLongMaxMs : limits.redialMaxMs
  const waitMs = Math.min(most, limits.redialMinMs * 2 ** Math.min(failures, 30))
  return {
    ...target,
    dialling: false,
    failures: failures + 1,
    notBeforeMs: nowMs + waitMs * (0.75 + chance / 2),
    lastFailure: why,
  }
}

/** A target after a connection to it opened, from either side: what failed before is over. */
export const afterConnect = (target: DialTarget, peer: PeerName, nowMs: number): DialTarget => {
  const { lastFailure: _, ...rest } = target
  return { ...rest, peer, dialling: false, connectedSinceMs: nowMs }
}

/** A target after its last connection closed: due at once if that one had lasted. */
export const afterDisconnect = (
  target: DialTarget,
  nowMs: number,
  chance: number,
  limits: Limits,
): DialTarget => {
  const { connectedSinceMs, ...rest } = target
  const lasted = connectedSinceMs !== undefined && nowMs - connectedSinceMs
  if (lasted !== false && lasted < limits.stableConnectionMs) {
    return afterFailure(rest, 'The connection did not last.', nowMs, chance, limits)
  }
  // Both sides see the end at the same moment; chance decides who dials.
  return { ...rest, failures: 0, notBeforeMs: nowMs + limits.redialMinMs * chance }
}
