import { decodeCheckpoint, encodeCheckpoint, isSignedBy, type Checkpoint } from '../checkpoint.ts'
import { fault } from '../codes.ts'
import { keyOfActor, ownerOfActor } from '../identity.ts'
import { trustKind, type RecordKind } from './kind.ts'
import type { FieldType } from './schema.ts'

/** A checkpoint of one of the society's documents, with the signatures of its witnesses. */
const sealed: FieldType<Checkpoint> = {
  expected: 'a checkpoint and no byte more',
  code: 'malformed',
  read(value) {
    const checkpoint = value instanceof Uint8Array ? decodeCheckpoint(value) : undefined
    return checkpoint?.ok === true ? checkpoint.value : undefined
  },
  write: encodeCheckpoint,
}

/** `society.checkpoint`: the society's witnesses say what one of its documents comes to. */
export const societyCheckpoint: RecordKind = trustKind(
  'society.checkpoint',
  { checkpoint: sealed },
  {
    shape({ checkpoint }, author) {
      const owner = ownerOfActor(checkpoint.actor)
      return owner !== undefined && keyOfActor(checkpoint.actor) === author
        ? null
        : fault('malformed', 'a checkpoint is of a document of its author')
    },
    check(state, { checkpoint }, judging) {
      const { actor, seq, term } = checkpoint
      const witnesses = state.appointments[term]?.witnesses
      if (witnesses === undefined || witnesses.length === 0) {
        return fault('unknown-reference', 'the society has no such witnesses')
      }
      if (term !== state.appointments.length - 1) {
        return fault('already-ended', 'other witnesses have taken over')
      }
      if ((state.checkpoints.get(actor)?.seq ?? 0) >= seq) {
        return fault('already-ended', 'there is a later checkpoint of it')
      }
      if (actor === state.chain.actor && seq > state.chain.seq) {
        return fault('unknown-reference', 'a checkpoint is of what was before it')
      }
      const isSigned = isSignedBy(checkpoint, witnesses, (...signed) =>
        judging.lookup.verify(...signed),
      )
      return isSigned ? null : fault('bad-signature', 'too few of the witnesses have signed')
    },
    apply(state, { checkpoint }, judging) {
      const { actor, seq, hash, digest } = checkpoint
      const { id, time: at } = judging
      state.checkpoints.set(actor, { id, at, seq, hash, digest })
      return null
    },
  },
)
