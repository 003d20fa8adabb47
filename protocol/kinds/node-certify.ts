import { fault } from '../codes.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { instant, text } from './schema.ts'

const peerIdBytesMax = 128

/** `node.certify`: the society's key vouches for the libp2p key of one of its nodes. */
export const nodeCertify: RecordKind = trustKind(
  'node.certify',
  { peerId: text(peerIdBytesMax), until: instant },
  {
    check(_state, value, judging) {
      return value.until < judging.time
        ? fault('expired', 'the certificate is over before it begins')
        : null
    },
    apply(state, value) {
      state.nodes.set(value.peerId, value.until)
      return null
    },
  },
)
