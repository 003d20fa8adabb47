import { fault } from '../codes.ts'
import { keyOfPeerId } from '../identity.ts'
import { peerIdBytesMax } from '../limits.ts'
import { nodeMessage } from '../statements.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { instant, signature, text } from './schema.ts'

/**
 * `node.certify`: the society's key and the libp2p key of one of its nodes vouch for each other, so
 * that nobody can claim another's node.
 */
export const nodeCertify: RecordKind = trustKind(
  'node.certify',
  { peerId: text(peerIdBytesMax), until: instant, signature },
  {
    shape(value) {
      return keyOfPeerId(value.peerId) === undefined
        ? fault('malformed', 'peerId must be the PeerId of an ed25519 key')
        : null
    },
    check(_state, value, judging) {
      const key = keyOfPeerId(value.peerId)
      const message = nodeMessage(judging.author, value.until)
      if (key === undefined || !judging.lookup.verify(value.signature, message, key)) {
        return fault('bad-signature', 'the node has not signed that it is this society’s')
      }
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
