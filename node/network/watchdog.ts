import type { PeerName } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import type { NetworkLimits } from './limits.ts'

/** What can be seen of a connected peer. */
export type WatchedPeer = {
  readonly peer: PeerName
  /** Changes when the connection does. */
  readonly connection: string
  readonly direction: 'inbound' | 'outbound'
  readonly openedMs: number
  /** Whether it speaks gossipsub; unknown until it has identified itself. */
  readonly speaksGossip: boolean | undefined
  /** Whether we have a gossip stream to it. */
  readonly reached: boolean
  /** When it last gave a sign of life. */
  readonly heardMs: number
  readonly failedPings: number
  /** Gossip that waits to be sent to it, in bytes. */
  readonly unsentBytes: number
}

/** Why a connection is mended, or closed and dialled anew. */
export type WatchReason =
  | 'gossip-silent'
  | 'gossip-silent-again'
  | 'not-identified'
  | 'lifeless'
  | 'slow-reader'

type Remembered = {
  readonly connection: string
  readonly silentSinceMs: number | undefined
  readonly closings: number
  readonly notBeforeMs: number
}

/** What the watch remembers of each peer, connected or lately closed. */
export type WatchState = {
  readonly steppedMs: number
  readonly peers: ReadonlyMap<PeerName, Remembered>
}

/** The state to start from. */
export const initialWatch = (nowMs: number): WatchState => ({ steppedMs: nowMs, peers: new Map() })

type Limits = Pick<
  NetworkLimits,
  | 'watchIntervalMs'
  | 'silentDiallerMs'
  | 'silentListenerMs'
  | 'identifyMs'
  | 'lifelessMs'
  | 'pingFailuresMax'
  | 'watchBackoffMaxMs'
  | 'unsentBytesMax'
>

/** How late a step may be before what we see says more about ourselves than about our peers. */
const stallFactor = 4

const reasonToClose = (
  peer: WatchedPeer,
  silentMs: number,
  closings: number,
  nowMs: number,
  limits: Limits,
): WatchReason | undefined => {
  // The dialler acts first: it knows the way, and two that act at once end up with two connections.
  const patience = peer.direction === 'outbound' ? limits.silentDiallerMs : limits.silentListenerMs
  if (silentMs >= patience) return closings === 0 ? 'gossip-silent' : 'gossip-silent-again'
  const ageMs = nowMs - peer.openedMs
  if (peer.speaksGossip === undefined && ageMs >= limits.identifyMs) return 'not-identified'
  const quietMs = nowMs - peer.heardMs
  const pingsFailed = peer.failedPings >= limits.pingFailuresMax
  return quietMs >= limits.lifelessMs && pingsFailed ? 'lifeless' : undefined
}

/** The slowest readers, as long as all that waits together is too much. */
const slowReaders = (peers: readonly WatchedPeer[], limits: Limits): ReadonlySet<PeerName> => {
  let waiting = peers.reduce((sum, peer) => sum + peer.unsentBytes, 0)
  const slow = new Set<PeerName>()
  for (const peer of peers.toSorted((one, other) => other.unsentBytes - one.unsentBytes)) {
    if (waiting <= limits.unsentBytesMax) break
    waiting -= peer.unsentBytes
    slow.add(peer.peer)
  }
  return slow
}

/**
 * One look at all connections: which to mend, or to close and dial anew.
 *
 * A gossip stream that was reset on a live connection stays away for ever, in both directions and
 * without a sign: gossipsub opens one when a peer identifies itself, and never another. A peer for
 * which that was done in vain is given more time, up to `watchBackoffMaxMs`.
 */
export const watch = (
  state: WatchState,
  peers: readonly WatchedPeer[],
  nowMs: number,
  limits: Limits,
): { readonly state: WatchState; readonly close: ReadonlyMap<PeerName, WatchReason> } => {
  const stalled = nowMs - state.steppedMs > stallFactor * limits.watchIntervalMs
  const slow = slowReaders(peers, limits)
  const records = new Map<PeerName, Remembered>()
  const close = new Map<PeerName, WatchReason>()
  for (const [peer, record] of state.peers) {
    // Of peers that are gone, only those that were closed lately matter.
    if (record.notBeforeMs + limits.watchBackoffMaxMs > nowMs) records.set(peer, record)
  }
  for (const peer of peers) {
    const known = state.peers.get(peer.peer)
    const same = known?.connection === peer.connection && !stalled
    const silent = peer.speaksGossip === true && !peer.reached
    const silentSinceMs = silent ? (same && known?.silentSinceMs) || nowMs : undefined
    const silentMs = silentSinceMs === undefined ? 0 : nowMs - silentSinceMs
    let closings = known?.closings ?? 0
    let notBeforeMs = known?.notBeforeMs ?? 0
    const reason = slow.has(peer.peer)
      ? 'slow-reader'
      : reasonToClose(peer, silentMs, closings, nowMs, limits)
    if (reason !== undefined && !stalled && nowMs >= notBeforeMs) {
      close.set(peer.peer, reason)
      closings += 1
      const waitMs = limits.silentDiallerMs * 2 ** Math.min(closings, 30)
      notBeforeMs = nowMs + Math.min(waitMs, limits.watchBackoffMaxMs)
    }
    records.set(peer.peer, {
      connection: peer.connection,
      silentSinceMs,
      closings: reason === undefined && nowMs >= notBeforeMs ? 0 : closings,
      notBeforeMs,
    })
  }
  return { state: { steppedMs: nowMs, peers: records }, close }
}

type Parts = {
  readonly limits: NetworkLimits
  readonly counters: Counters
  readonly nowMs: () => number
  see(): readonly WatchedPeer[]
  /** Mends the connection to a peer, or closes and dials it; never rejects. */
  renew(peer: PeerName, reason: WatchReason): Promise<void>
  /** Sends a ping and notes the outcome; never rejects. */
  ping(peer: PeerName): Promise<void>
}

/** Looks at all connections every `watchIntervalMs`, and pings those that are quiet. */
export class Watchdog {
  readonly #parts: Parts
  readonly #pinging = new Set<PeerName>()
  #state: WatchState
  #timer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#state = initialWatch(parts.nowMs())
  }

  start(): void {
    this.#state = initialWatch(this.#parts.nowMs())
    this.#timer = setInterval(() => this.#look(), this.#parts.limits.watchIntervalMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const { limits, counters, nowMs } = this.#parts
    const peers = this.#parts.see()
    const { state, close } = watch(this.#state, peers, nowMs(), limits)
    this.#state = state
    for (const [peer, reason] of close) {
      counters.add(`watchdog.${reason}`)
      void this.#parts.renew(peer, reason)
    }
    this.#pingQuiet(peers)
  }

  /** The ones not heard for longest first; what is left over is asked in the next round. */
  #pingQuiet(peers: readonly WatchedPeer[]): void {
    const { limits, nowMs } = this.#parts
    const quiet = peers
      .filter(
        ({ peer, heardMs }) => !this.#pinging.has(peer) && nowMs() - heardMs >= limits.quietMs,
      )
      .toSorted((one, other) => one.heardMs - other.heardMs)
    for (const { peer } of quiet.slice(0, limits.pingsPerRoundMax)) {
      this.#pinging.add(peer)
      void this.#parts.ping(peer).finally(() => this.#pinging.delete(peer))
    }
  }
}
