import type { Actor, FrontierEntry } from '../../protocol/index.ts'
import { syncFruitlessMsMax, syncPauseMs, syncRetryMs, syncRetryMsMax } from '../limits.ts'
import type { PeerName } from '../ports.ts'

/** Where the exchange with one peer stands. */
type PeerSync = {
  readonly phase: 'idle' | 'asking' | 'pulling'
  /** Something hinted at news while the exchange was busy. */
  readonly again: boolean
  readonly askedAt: number
  /** Exchanges in a row that failed. */
  readonly failures: number
  /** Exchanges in a row in which the peer had more and nothing of it could be taken. */
  readonly fruitless: number
}

/** State of synchronisation: the exchanges by peer and the documents that are being pulled. */
export type SyncState = {
  readonly peers: ReadonlyMap<PeerName, PeerSync>
  readonly pulling: ReadonlyMap<Actor, PeerName>
}

/** A document to be pulled. */
export type Pull = { readonly actor: Actor; readonly to: number }

/** What happened. */
export type SyncEvent =
  | { readonly type: 'connected' | 'disconnected' | 'failed'; readonly peer: PeerName }
  | { readonly type: 'hint'; readonly peer: PeerName }
  /** Time to look at a peer; `chance` in [0, 1) chooses it. */
  | { readonly type: 'tick'; readonly chance: number }
  | {
      readonly type: 'answered'
      readonly peer: PeerName
      /** Documents of which the peer has more. */
      readonly ahead: readonly FrontierEntry[]
    }
  | { readonly type: 'pulled'; readonly peer: PeerName; readonly progress: boolean }

/** What is to be done. */
export type SyncEffect =
  | { readonly type: 'ask'; readonly peer: PeerName; readonly afterMs: number }
  | { readonly type: 'pull'; readonly peer: PeerName; readonly pulls: readonly Pull[] }

/** Nothing known, nobody connected. */
export const idleSync: SyncState = { peers: new Map(), pulling: new Map() }

const idle: PeerSync = {
  phase: 'idle',
  again: false,
  askedAt: -Infinity,
  failures: 0,
  fruitless: 0,
}

type Step = { readonly state: SyncState; readonly effects: readonly SyncEffect[] }

function withPeer(state: SyncState, peer: PeerName, sync: PeerSync | undefined): SyncState {
  const peers = new Map(state.peers)
  if (sync === undefined) peers.delete(peer)
  else peers.set(peer, sync)
  return { ...state, peers }
}

function release(state: SyncState, peer: PeerName): SyncState {
  return { ...state, pulling: new Map([...state.pulling].filter(([, by]) => by !== peer)) }
}

/** A pause that doubles with every time, up to a longest one, in ms. */
function doubled(times: number, longestMs: number): number {
  return Math.min(longestMs, syncRetryMs * 2 ** (times - 1))
}

function ask(state: SyncState, peer: PeerName, now: number, pauseMs: number = syncPauseMs): Step {
  const sync = state.peers.get(peer)
  if (sync === undefined) return { state, effects: [] }
  if (sync.phase !== 'idle') {
    return { state: withPeer(state, peer, { ...sync, again: true }), effects: [] }
  }
  // Two nodes that cannot take what the other has would otherwise hint at it without end.
  const fruitlessMs = sync.fruitless === 0 ? 0 : doubled(sync.fruitless, syncFruitlessMsMax)
  const pause = Math.max(pauseMs, fruitlessMs)
  // Where the clock was set back, what was asked before seems to be yet to come.
  const afterMs = Math.min(pause, Math.max(0, sync.askedAt + pause - now))
  const asking: PeerSync = { ...sync, phase: 'asking', again: false, askedAt: now + afterMs }
  return { state: withPeer(state, peer, asking), effects: [{ type: 'ask', peer, afterMs }] }
}

function finish(state: SyncState, peer: PeerName, now: number): Step {
  const sync = state.peers.get(peer)
  if (sync === undefined) return { state, effects: [] }
  const free = withPeer(release(state, peer), peer, { ...sync, phase: 'idle', again: false })
  return sync.again ? ask(free, peer, now) : { state: free, effects: [] }
}

/** An exchange failed: it is tried again by itself, after a pause that doubles each time. */
function failed(state: SyncState, peer: PeerName, now: number): Step {
  const sync = state.peers.get(peer)
  if (sync === undefined) return { state, effects: [] }
  const failures = sync.failures + 1
  const free = withPeer(release(state, peer), peer, { ...sync, phase: 'idle', failures })
  return ask(free, peer, now, doubled(failures, syncRetryMsMax))
}

function answered(
  state: SyncState,
  peer: PeerName,
  ahead: readonly FrontierEntry[],
  now: number,
): Step {
  const known = state.peers.get(peer)
  if (known === undefined) return { state, effects: [] }
  const sync = { ...known, failures: 0 }
  // What another exchange pulls already comes by it; a later one brings the rest.
  const free = ahead.filter(({ actor }) => !state.pulling.has(actor))
  if (ahead.length === 0) return finish(withPeer(state, peer, { ...sync, fruitless: 0 }), peer, now)
  if (free.length === 0) return finish(withPeer(state, peer, sync), peer, now)
  const pulling = new Map(state.pulling)
  for (const { actor } of free) pulling.set(actor, peer)
  const busy = withPeer({ ...state, pulling }, peer, { ...sync, phase: 'pulling' })
  const pulls = free.map(({ actor, seq }) => ({ actor, to: seq }))
  return { state: busy, effects: [{ type: 'pull', peer, pulls }] }
}

/**
 * One step of synchronisation: at most one exchange with a peer, at most one pull of a document at
 * a time. Pure: time and chance come with the event.
 */
export function syncStep(state: SyncState, event: SyncEvent, now: number): Step {
  switch (event.type) {
    case 'connected':
      return ask(withPeer(state, event.peer, state.peers.get(event.peer) ?? idle), event.peer, now)
    case 'disconnected':
      return { state: withPeer(release(state, event.peer), event.peer, undefined), effects: [] }
    case 'hint':
      return ask(state, event.peer, now)
    case 'tick': {
      const peers = [...state.peers.keys()].sort()
      const chosen = peers[Math.floor(event.chance * peers.length)]
      return chosen === undefined ? { state, effects: [] } : ask(state, chosen, now)
    }
    case 'answered':
      return answered(state, event.peer, event.ahead, now)
    case 'pulled': {
      const sync = state.peers.get(event.peer)
      const again = sync !== undefined && event.progress
      const fruitless = event.progress ? 0 : (sync?.fruitless ?? 0) + 1
      const noted =
        sync && withPeer(state, event.peer, { ...sync, again: again || sync.again, fruitless })
      const next = noted ?? state
      return finish(next, event.peer, now)
    }
    case 'failed':
      return failed(state, event.peer, now)
  }
}
