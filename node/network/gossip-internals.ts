import assert from 'node:assert/strict'

import type { Connection, PeerId } from '@libp2p/interface'

import type { PeerName } from '../../src/index.ts'

/** A subscription or message of a received frame, as gossipsub decodes it. */
export type GossipFrame = {
  subscriptions: { subscribe?: boolean | undefined; topic?: string | undefined }[]
  messages: { data?: Uint8Array | undefined; topic: string }[]
  control?: GossipControl | undefined
}

/** Messages that a frame speaks of, and links of the mesh. */
export type GossipControl = {
  readonly ihave?: readonly unknown[]
  readonly iwant?: readonly MessageIds[]
  readonly graft?: readonly unknown[]
  readonly prune?: readonly unknown[]
  readonly idontwant?: readonly MessageIds[]
}

type MessageIds = { readonly messageIDs?: readonly Uint8Array[] | undefined }

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
  sendRpc(peer: PeerName, frame: GossipFrame): boolean
  forwardMessage(
    id: string,
    message: { readonly topic: string },
    source?: PeerName,
    excluded?: ReadonlySet<PeerName>,
  ): void
  readonly mcache: { observeDuplicate(id: string, sender: PeerName): void }
}

const methods = [
  'publish',
  'reportMessageValidationResult',
  'decodeRpc',
  'handleReceivedRpc',
  'handlePeerReadStreamError',
  'createOutboundStream',
  'sendRpc',
  'forwardMessage',
] as const

const maps = ['mesh', 'peers', 'streamsOutbound'] as const

const isKnown = (value: unknown): value is GossipInternals => {
  if (typeof value !== 'object' || value === null) return false
  const member = (name: string): unknown => Reflect.get(value, name)
  return (
    methods.every((name) => typeof member(name) === 'function') &&
    maps.every((name) => member(name) instanceof Map) &&
    typeof member('score') === 'object' &&
    typeof member('mcache') === 'object'
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

/** What gossipsub asks before it passes a message on, and tells of copies that it need not have. */
export type ForwardGuard = {
  /** A copy of a message came in that is here. */
  arrivedAgain(id: string, sender: PeerName): void
  /** Of the neighbours in a topic's mesh those that a message need not be sent to. */
  spare(id: string, topic: string, neighbours: Iterable<PeerName>): readonly PeerName[]
}

/** Puts a guard where gossipsub passes messages on, to all its links but where they came from. */
export const guardForwards = (internals: GossipInternals, guard: ForwardGuard): void => {
  const { mcache, mesh } = internals
  const forwardMessage = internals.forwardMessage.bind(internals)
  const observeDuplicate = mcache.observeDuplicate.bind(mcache)
  internals.forwardMessage = (id, message, source, excluded = new Set()) => {
    const { topic } = message
    const others = [...(mesh.get(topic) ?? [])].filter((peer) => !excluded.has(peer))
    const spared = guard.spare(id, topic, others)
    forwardMessage(id, message, source, new Set([...excluded, ...spared]))
  }
  mcache.observeDuplicate = (id, sender) => {
    observeDuplicate(id, sender)
    guard.arrivedAgain(id, sender)
  }
}

/** Tells a peer in a frame of its own that it need not send a message, or offers it some. */
export const sendControl = (
  internals: GossipInternals,
  peer: PeerName,
  { ihave = [], idontwant = [] }: GossipControl,
): void => {
  const control = { ihave, iwant: [], graft: [], prune: [], idontwant }
  internals.sendRpc(peer, { subscriptions: [], messages: [], control })
}
