import type { PlantedFault } from './planted-fault.ts'

const rules = 'test/protocol/rules-checkpoint.test.ts'
const kept = 'test/replica/checkpoints.test.ts'
const joining = 'test/replica/checkpoint-joining.test.ts'
const witness = 'test/replica/checkpoint-witness.test.ts'

/** Faults of checkpoints: what is signed, dropped, and taken over. */
export const checkpointFaults: readonly PlantedFault[] = [
  {
    name: 'a checkpoint holds with one signature too few',
    harm: 'witnesses that lie together make up a state',
    file: 'protocol/checkpoint.ts',
    text: `return valid.length >= quorumOf(witnesses.length)`,
    replacement: `return valid.length >= quorumOf(witnesses.length) - 1`,
    tests: [rules],
  },
  {
    name: 'records are named for a day longer',
    harm: 'nodes that dropped what is named disagree with those that did not',
    file: 'protocol/ledger/reach.ts',
    text: `naming - time > namedMsMax &&`,
    replacement: `naming - time > namedMsMax + 86_400_000 &&`,
    tests: [rules],
  },
  {
    name: 'the content of a checkpoint is not compared with its digest',
    harm: 'a newcomer takes any state from whoever it asks',
    file: 'src/checkpoint/joining.ts',
    text: `if ((await inTurns(digestPieces(content), breathe)) !== checkpoint.digest) {`,
    replacement: `if ((await inTurns(digestPieces(content), breathe)) === '') {`,
    tests: [joining],
  },
  {
    name: 'a witness signs a checkpoint that it did not come to itself',
    harm: 'a society has its own word about its balance signed',
    file: 'src/checkpoint/notary.ts',
    text: `return made.statement.digest === digest && made.statement.size === size`,
    replacement: `return made.statement.digest.length === digest.length`,
    tests: [witness],
  },
  {
    name: 'one change too many is dropped',
    harm: 'the document cannot be loaded or handed on any more',
    file: 'src/checkpoint/compaction.ts',
    text: `keys.change(actor, 0), keys.change(actor, seq + 1)`,
    replacement: `keys.change(actor, 0), keys.change(actor, seq + 2)`,
    tests: [kept],
  },
  {
    name: 'a document is begun at a checkpoint that is not old enough',
    harm: 'what may still be named is dropped',
    file: 'src/checkpoint/compaction.ts',
    text: `.filter(({ time }) => time < horizon)`,
    replacement: `.filter(({ time }) => time < clock.now())`,
    tests: [kept],
  },
]
