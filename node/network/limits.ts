/**
 * Every limit of the network adapter. None is part of the protocol: two honest nodes may differ.
 * Tests shorten the times; nothing else overrides them.
 */
export type NetworkLimits = {
  /** Handshakes that one host may begin at once; a NAT or loopback holds many nodes. */
  readonly hostHandshakesBurst: number
  /** Handshakes a second that it may begin from then on: who has come stays. */
  readonly hostHandshakesPerSecond: number
  /** The same of all hosts together where no member is known, each some 10 ms of a processor. */
  readonly handshakesBurst: number
  /** Of these, a second: a quarter of one processor. */
  readonly handshakesPerSecond: number
  /** Hosts remembered with what they have left, some 200 bytes each. */
  readonly hostsMax: number
  /** Handshakes of one host under way at once: who says nothing holds one for `dialTimeoutMs`. */
  readonly pendingPerHostMax: number
  /** Handshakes under way at once; each costs some 10 ms of processor time. */
  readonly pendingInboundMax: number
  /** Share of connections and of request streams for strangers, so members always find room. */
  readonly strangerShareMax: number
  /** Connections of one peer: two nodes that dial each other at once have two. */
  readonly connectionsPerPeerMax: number
  /** Outbound connections kept to peers of our own choice: an eclipse has to own all of them. */
  readonly outboundPeersMin: number
  /** Dials under way at once. */
  readonly dialsMax: number
  /** One dial with all addresses of a peer. */
  readonly dialTimeoutMs: number
  /** One address of a dial; the next one is tried after it. */
  readonly addressDialTimeoutMs: number
  /** Addresses tried of one peer: a liar may announce a hundred, each a dial at a victim. */
  readonly addressesPerPeerMax: number
  /** First wait before a lost peer is dialled again; doubles with every failure. */
  readonly redialMinMs: number
  /** Longest wait while a peer is lost for minutes: a healed partition must be found in seconds. */
  readonly redialMaxMs: number
  /** Longest wait for a peer that stays away. */
  readonly redialLongMaxMs: number
  /** Failures after which a peer counts as away for long. */
  readonly redialLongAfter: number
  /** A connection that broke sooner counts as a failed dial, or two nodes would spin. */
  readonly stableConnectionMs: number
  /** Failures after which a peer that is neither member nor bootstrap is forgotten. */
  readonly strangerFailuresMax: number
  /** Peers remembered as worth a dial. */
  readonly dialTargetsMax: number
  /** Peers kept in the peer store; strangers beyond are deleted, oldest first. */
  readonly storedPeersMax: number
  /** How often strangers beyond that are deleted. */
  readonly storeTrimMs: number
  /** How often the dial list is gone through. */
  readonly connectIntervalMs: number

  /** How often connections are looked over. */
  readonly watchIntervalMs: number
  /** Time without a gossip stream after which its dialler closes and redials. */
  readonly silentDiallerMs: number
  /** The same for the side that was dialled, later, so that the two do not act at once. */
  readonly silentListenerMs: number
  /** Time to get a gossip stream back on the same connection, before that is closed. */
  readonly mendMs: number
  /** Time to identify itself, after which a connection is of no use. */
  readonly identifyMs: number
  /** Time without a sign of life, pings included, after which a connection counts as dead. */
  readonly lifelessMs: number
  /** Unanswered pings that it takes besides, so that our own stall is not held against a peer. */
  readonly pingFailuresMax: number
  /** A peer that was heard within this time is not pinged. */
  readonly quietMs: number
  /** One ping. */
  readonly pingTimeoutMs: number
  /** Pings sent in one round: each is a stream of its own, about a millisecond on both sides. */
  readonly pingsPerRoundMax: number
  /** Longest wait between two closings of one peer by the watchdog. */
  readonly watchBackoffMaxMs: number
  /** Unsent gossip of all peers together; beyond, the slowest reader is cut off. */
  readonly unsentBytesMax: number

  /** Largest gossip message: four of the largest changes; 16 to 64 KiB is the sweet spot. */
  readonly gossipBytesMax: number
  /** Longest topic name: a federation's and a society's name fit several times. */
  readonly topicLengthMax: number
  /** Longest frame of gossipsub: what the sender's encoder allows, so no honest one is longer. */
  readonly gossipFrameBytesMax: number
  /** Unsent gossip to one peer, beyond which its stream is reset; the watchdog brings it back. */
  readonly gossipBufferBytesMax: number
  /** Messages in one frame: an answer to IWANT packs many. */
  readonly gossipMessagesPerFrameMax: number
  /** Subscriptions or control entries in one frame: a peer announces all its topics at once. */
  readonly gossipEntriesPerFrameMax: number
  /** Up to this many listeners, an own message goes to all of them at once. */
  readonly floodPublishPeersMax: number
  /** Time after which a message is passed on where its author told everybody itself. */
  readonly forwardPauseMs: number
  /** Messages of which it is remembered by which way they came: a few seconds' worth. */
  readonly spareMessagesMax: number
  /** Time after which a neighbour that seems to have messages from elsewhere is offered them. */
  readonly spareTellMs: number
  /** Least time between two refusals of what one neighbour sends by one way. */
  readonly spareRefusalMs: number
  /** Time after which a neighbour that never refused a peer's messages is known to need them. */
  readonly spareTrialMs: number
  /** Least time between two messages of one way for which one of the spare links is used. */
  readonly spareUseMs: number
  /** Messages of a topic that are offered to a neighbour at once; beyond, the oldest is not. */
  readonly sparedIdsMax: number
  /** Own messages a second that leave: a stream of 64 KiB batches needs far fewer. */
  readonly publishesPerSecond: number
  /** Own bytes a second that leave. */
  readonly publishBytesPerSecond: number
  /** Own messages waiting to leave; beyond, the oldest is dropped. */
  readonly publishQueueMax: number
  /** Own bytes waiting to leave. */
  readonly publishQueueBytesMax: number
  /** Messages a second taken from one peer; it forwards what several publishers send. */
  readonly gossipMessagesPerSecond: number
  /** Messages taken from one peer at once: one frame at its fullest. */
  readonly gossipMessagesBurst: number
  /** Bytes a second taken from one peer. */
  readonly gossipBytesPerSecond: number
  /** Messages over budget within a second that cost points: honest peers forward for many. */
  readonly gossipExcessPerSecond: number
  /** Messages waiting for a verdict. */
  readonly verdictQueueMax: number
  /** Bytes waiting for a verdict. */
  readonly verdictQueueBytesMax: number
  /** Messages of one peer waiting for a verdict. */
  readonly verdictQueuePerPeerMax: number
  /** Verdicts asked for at once. */
  readonly verdictsMax: number
  /** Verdicts asked for in one turn of the event loop. */
  readonly verdictsPerTurnMax: number
  /** A later verdict is worthless: gossipsub forgets the message after 5 s. */
  readonly verdictMs: number

  /** Largest body of a request or an answer. */
  readonly bodyBytesMax: number
  /** Requests to one peer at once, each on a stream of its own. */
  readonly requestsPerPeerMax: number
  /** Requests waiting for a stream to one peer. */
  readonly requestQueueMax: number
  /** Request streams that one member may hold open: four in each of four protocols. */
  readonly servedStreamsPerPeerMax: number
  /** Request streams that one stranger may hold open: enough to read and ask for admission. */
  readonly servedStreamsPerStrangerMax: number
  /** Request streams open from all peers, with full bodies 280 MiB; strangers get a share. */
  readonly servedStreamsMax: number
  /** Streams of bytes that one peer may hold open at this node. */
  readonly byteStreamsPerPeerMax: number
  /** Streams of bytes open from all peers: each holds a connection to a device as well. */
  readonly byteStreamsMax: number
  /** Opening a stream: protocol negotiation, on a connection that is there. */
  readonly openTimeoutMs: number
  /** Sending a body. */
  readonly writeTimeoutMs: number
  /** Waiting for the whole answer. */
  readonly answerTimeoutMs: number
  /** Time for a handler to make an answer; shorter than the asker waits. */
  readonly handlerTimeoutMs: number
  /** A stream without a request for this long is closed by the asker. */
  readonly idleAskerMs: number
  /** The same by the answerer, later, so that no request meets a closing stream. */
  readonly idleServerMs: number

  /** Points at which a peer is cut off: three grave faults or five others. */
  readonly cutOffPoints: number
  /** Points that are forgiven at once: one fault does not cost a place in the mesh. */
  readonly toleratedPoints: number
  /** Points that lapse within a minute. */
  readonly pointsLapsePerMinute: number
  /** How long a peer that was cut off is refused. */
  readonly refusalMs: number
  /** Peers whose points are remembered. */
  readonly scoredPeersMax: number

  /** Streams of one connection, each way. */
  readonly streamsPerConnectionMax: number
  /** Time to stop in good order; then everything is torn down. */
  readonly stopMs: number
}

/** The limits a node runs with. */
export const networkLimits: NetworkLimits = {
  hostHandshakesBurst: 100,
  hostHandshakesPerSecond: 5,
  handshakesBurst: 200,
  handshakesPerSecond: 25,
  hostsMax: 4_096,
  pendingPerHostMax: 25,
  pendingInboundMax: 100,
  strangerShareMax: 0.75,
  connectionsPerPeerMax: 3,
  outboundPeersMin: 4,
  dialsMax: 8,
  dialTimeoutMs: 5_000,
  addressDialTimeoutMs: 2_500,
  addressesPerPeerMax: 8,
  redialMinMs: 250,
  redialMaxMs: 4_000,
  redialLongMaxMs: 30_000,
  redialLongAfter: 60,
  stableConnectionMs: 10_000,
  strangerFailuresMax: 6,
  dialTargetsMax: 2_000,
  storedPeersMax: 2_000,
  storeTrimMs: 600_000,
  connectIntervalMs: 250,

  watchIntervalMs: 1_000,
  silentDiallerMs: 2_000,
  silentListenerMs: 5_000,
  mendMs: 1_000,
  identifyMs: 15_000,
  lifelessMs: 12_000,
  pingFailuresMax: 2,
  quietMs: 3_000,
  pingTimeoutMs: 4_000,
  pingsPerRoundMax: 6,
  watchBackoffMaxMs: 60_000,
  unsentBytesMax: 64 * 1024 * 1024,

  gossipBytesMax: 256 * 1024,
  topicLengthMax: 256,
  gossipFrameBytesMax: 4 * 1024 * 1024,
  gossipBufferBytesMax: 16 * 1024 * 1024,
  gossipMessagesPerFrameMax: 2_048,
  gossipEntriesPerFrameMax: 5_000,
  floodPublishPeersMax: 16,
  forwardPauseMs: 5,
  spareMessagesMax: 4_096,
  spareTellMs: 500,
  spareRefusalMs: 5_000,
  spareTrialMs: 2_000,
  spareUseMs: 50,
  sparedIdsMax: 1_024,
  publishesPerSecond: 500,
  publishBytesPerSecond: 8 * 1024 * 1024,
  publishQueueMax: 1_024,
  publishQueueBytesMax: 16 * 1024 * 1024,
  gossipMessagesPerSecond: 1_000,
  gossipMessagesBurst: 2_048,
  gossipBytesPerSecond: 16 * 1024 * 1024,
  gossipExcessPerSecond: 2_000,
  verdictQueueMax: 4_096,
  verdictQueueBytesMax: 32 * 1024 * 1024,
  verdictQueuePerPeerMax: 2_048,
  verdictsMax: 64,
  verdictsPerTurnMax: 32,
  verdictMs: 3_000,

  bodyBytesMax: 1024 * 1024,
  requestsPerPeerMax: 4,
  requestQueueMax: 64,
  servedStreamsPerPeerMax: 16,
  servedStreamsPerStrangerMax: 4,
  servedStreamsMax: 256,
  byteStreamsPerPeerMax: 4,
  byteStreamsMax: 16,
  openTimeoutMs: 5_000,
  writeTimeoutMs: 10_000,
  answerTimeoutMs: 20_000,
  handlerTimeoutMs: 15_000,
  idleAskerMs: 20_000,
  idleServerMs: 60_000,

  cutOffPoints: 100,
  toleratedPoints: 30,
  pointsLapsePerMinute: 10,
  refusalMs: 300_000,
  scoredPeersMax: 4_096,

  streamsPerConnectionMax: 64,
  stopMs: 1_500,
}
