import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { TopicScoreParams } from '@libp2p/gossipsub/score'

import type { PeerName } from '../../src/index.ts'
import type { NetworkLimits } from './limits.ts'
import { firstMessageId, messageId, messageIdText } from './message-id.ts'

/** Score below which a peer is not listened to at all; the watchdog then cuts it off. */
export const graylistScore: number = -80

/** Time in which a peer has to send what it offered; 3 s, the default, is short for a busy one. */
const iwantFollowupMs = 12_000
/** Memory for one peer's list of topics: some 900 of them, one for each pool it follows. */
const topicBytesPerPeerMax = 1024 * 1024
/** Heartbeats that messages are kept to answer IWANT. */
const cachedHeartbeats = 6
/** Below this, telling a peer that we have a message costs more than sending it twice. */
const idontwantBytesMin = 16_829

/**
 * How a peer is scored on each of our topics: first deliveries count a little (P2), invalid
 * messages much (P4). Quotas for mesh deliveries (P3) are off: an honest topic may be silent.
 */
export const topicScoreParams: TopicScoreParams = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 1,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.95,
  firstMessageDeliveriesCap: 50,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  // The counter is squared: -5, -20, -45, and below the graylist at the fifth; half in 2 minutes.
  invalidMessageDeliveriesWeight: -5,
  invalidMessageDeliveriesDecay: 0.994,
}

const scoring = (score: (peer: PeerName) => number): Partial<GossipsubOpts> => ({
  scoreParams: {
    topics: {},
    topicScoreCap: 10,
    appSpecificScore: score,
    appSpecificWeight: 1,
    // Ten peers at one address are one household, one test or one NAT, and no attack by that.
    IPColocationFactorWeight: 0,
    IPColocationFactorThreshold: 10,
    // One broken promise is an accident; the seventh within a few minutes is not.
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: 6,
    behaviourPenaltyDecay: 0.99,
    decayInterval: 1_000,
    decayToZero: 0.01,
    retainScore: 3_600_000,
  },
  scoreThresholds: {
    gossipThreshold: -40,
    publishThreshold: -60,
    graylistThreshold: graylistScore,
    acceptPXThreshold: 1_000,
    opportunisticGraftThreshold: 1,
  },
})

/** Options of gossipsub 17 for federations of two to some hundred nodes, few and large messages. */
export const gossipOptions = (
  limits: NetworkLimits,
  score: (peer: PeerName) => number,
): Partial<GossipsubOpts> => ({
  ...scoring(score),
  msgIdFn: messageId,
  msgIdToStrFn: messageIdText,
  fastMsgIdFn: firstMessageId,
  asyncValidation: true,
  // Four links suffice for small federations; every further one costs each message once more.
  D: 4,
  Dlo: 3,
  Dhi: 6,
  Dscore: 2,
  Dout: 1,
  Dlazy: 4,
  mcacheLength: cachedHeartbeats,
  mcacheGossip: 3,
  gossipsubIWantFollowupMs: iwantFollowupMs,
  idontwantMinDataSize: idontwantBytesMin,
  batchPublish: true,
  floodPublish: false,
  allowPublishToZeroTopicPeers: true,
  ignoreDuplicatePublishError: true,
  fallbackToFloodsub: false,
  // A peer could earn 100 points of connection value for each topic and outrank our members.
  tagMeshPeers: false,
  doPX: false,
  maxInboundStreams: 2,
  maxOutboundStreams: 2,
  maxTopicBytesPerPeer: topicBytesPerPeerMax,
  maxInboundDataLength: limits.gossipFrameBytesMax,
  maxOutboundBufferSize: limits.gossipBufferBytesMax,
  // `allowedTopics` stays unset: gossipsub copies it, and forgets for good that a peer listens to
  // a topic which we ourselves join later. The budget in front of it filters messages instead.
  decodeRpcLimits: {
    maxMessages: limits.gossipMessagesPerFrameMax,
    maxSubscriptions: limits.gossipEntriesPerFrameMax,
    maxIhaveMessageIDs: limits.gossipEntriesPerFrameMax,
    maxIwantMessageIDs: limits.gossipEntriesPerFrameMax,
    maxIdontwantMessageIDs: 512,
    maxControlMessages: limits.gossipEntriesPerFrameMax,
    maxPeerInfos: 16,
  },
})
