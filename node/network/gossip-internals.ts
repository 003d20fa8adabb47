import assert from 'node:assert/strict'

import type { Connection, PeerId } from '@libp2p/interface'

import type { PeerName } from '../../src/index.ts'

/** A subscription or message of a received frame, as gossipsub decodes it. */
export type GossipFrame = {
  subscriptions: { subscribe?: boolean | undefined; topic?: string | undefined }[]
  messages: { data?: Uint8Array | undefined; topic: string }[]
  control?: Readonly<Record<string, readonly unknown[]>> | undefined
}

/**
 * What gossipsub 17.1.1 has and its public type does not tell: verdicts, scores, streams, and the
 * places where a frame comes in. Checked when a node starts, so that a release that moves one of
 * them fails at once and not in silence.
 */
export type GossipInternals = {
  publish(
    topic: string,
    data: Uint8Array,
    options: { readonly floodPublish: boolean },
  ): Promise<unknown>
  reportMessageValidationResult(id: string, peer: PeerName, verdict: string): void
  readonly mesh: ReadonlyMap<string, ReadonlySet<PeerName>>
  readonly peers: ReadonlyMap<PeerName, PeerId>
  readonly streamsOutbound: Map<PeerName, unknown>
  readonly score: {
    score(peer: PeerName): number
    readonly params: { readonly topics: Record<string, unknown> }
  }
  decodeRpc(bytes: Uint8Array): GossipFrame
  handleReceivedRpc(from: PeerId, frame: GossipFrame): Promise<void>
  handlePeerReadStreamError(error: Error, from: PeerId): void
  createOutboundStream(peer: PeerId, connection: Connection): Promise<void>
}

const methods = [
  'publish',
  'reportMessageValidationResult',
  'decodeRpc',
  'handleReceivedRpc',
  'handlePeerReadStreamError',
  'createOutboundStream',
] as const

const maps = ['mesh', 'peers', 'streamsOutbound'] as const

const isKnown = (value: unknown): value is GossipInternals => {
  if (typeof value !== 'object' || value === null) return false
  const member = (name: string): unknown => Reflect.get(value, name)
  return (
    methods.every((name) => typeof member(name) === 'function') &&
    maps.every((name) => member(name) instanceof Map) &&
    typeof member('score') === 'object'
  )
}

/** The same object with its inner side; our bug if this is not the gossipsub we know. */
export const gossipInternals = (gossipsub: unknown): GossipInternals => {
  assert.ok(isKnown(gossipsub), 'this release of gossipsub is built differently inside')
  return gossipsub
}

/** A frame that could not be decoded. */
const unreadable: GossipFrame = { subscriptions: [], messages: [] }

/** What the guard asks and tells; peers in text form. */
export type FrameGuard = {
  /** A frame came in whole; returns what of it to go on with. */
  admit(peer: PeerName, frame: GossipFrame): GossipFrame
  /** A frame came in that is none, or is longer than any honest one. */
  unreadable(peer: PeerName, code: 'malformed' | 'too-large'): void
}

/**
 * Puts a guard where frames enter gossipsub, which has neither budget nor penalty there: a frame it
 * cannot decode is only logged, and one that is too long only closes the stream.
 */
export const guardFrames = (internals: GossipInternals, guard: FrameGuard): void => {
  const decodeRpc = internals.decodeRpc.bind(internals)
  const handleReceivedRpc = internals.handleReceivedRpc.bind(internals)
  const handleStreamError = internals.handlePeerReadStreamError.bind(internals)
  internals.decodeRpc = (bytes) => {
    try {
      return decodeRpc(bytes)
    } catch {
      // The decoder does not know whose frame it is; the handler does, and recognises this one.
      return unreadable
    }
  }
  internals.handleReceivedRpc = async (from, frame) => {
    if (frame === unreadable) guard.unreadable(from.toString(), 'malformed')
    else await handleReceivedRpc(from, guard.admit(from.toString(), frame))
  }
  internals.handlePeerReadStreamError = (error, from) => {
    if (error.name.startsWith('InvalidDataLength') || error.name === 'InvalidMessageLengthError') {
      guard.unreadable(from.toString(), 'too-large')
    }
    handleStreamError(error, from)
  }
}

/**
 * Opens outbound streams side by side. gossipsub opens them one after the other, so a peer that
 * connects and then never answers a negotiation would hold up the gossip of everyone after it.
 */
export const openStreamsSideBySide = (internals: GossipInternals): void => {
  const createOutboundStream = internals.createOutboundStream.bind(internals)
  const opening = new Set<PeerName>()
  internals.createOutboundStream = async (peer, connection) => {
    const name = peer.toString()
    // Only one at a time for each peer: the check for an existing stream comes before the wait.
    if (opening.has(name)) return
    opening.add(name)
    // It catches and logs its own failures; the watchdog sees that the stream is missing.
    void createOutboundStream(peer, connection).finally(() => opening.delete(name))
  }
}
