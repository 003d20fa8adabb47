import type { PlantedFault } from './planted-fault.ts'

const rules = 'test/protocol/rules-checkpoint.test.ts'
const kept = 'test/replica/checkpoints.test.ts'
const joining = 'test/replica/checkpoint-joining.test.ts'
const witness = 'test/replica/checkpoint-witness.test.ts'
const lies = 'test/protocol/rules-lies.test.ts'

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
    name: 'a content is taken for that of whichever society it names',
    harm: 'a stranger with witnesses of its own puts its state in the place of anybody else’s',
    file: 'protocol/content/read-content.ts',
    text: `state.society === owner.key &&`,
    replacement: `state.society.length === owner.key.length &&`,
    tests: ['test/protocol/read-content.test.ts'],
  },
  {
    name: 'the sums of a pool in a checkpoint are not looked at',
    harm: 'whoever takes it over stops for good at the next record of that pool',
    file: 'protocol/content/read-content.ts',
    text: `(!addsUp(state) || !endsInTime(state))`,
    replacement: `!endsInTime(state)`,
    tests: ['test/protocol/read-content.test.ts'],
  },
  {
    name: 'what ends by itself in a checkpoint need not be due',
    harm: 'a liar’s ATP never dies in the eyes of whoever joins',
    file: 'protocol/content/read-content.ts',
    text: `(!addsUp(state) || !endsInTime(state))`,
    replacement: `!addsUp(state)`,
    tests: ['test/protocol/read-content.test.ts'],
  },
  {
    name: 'a return that is known from a checkpoint brings back anything',
    harm: 'a liar with witnesses of its own stops every node that joins, for good',
    file: 'protocol/kinds/allocation-take.ts',
    text: `if (!slices.every((slice) => isOfGrant(state, given, slice))) {`,
    replacement: `if (!slices.every((slice) => isOfGrant(state, given, slice) || true)) {`,
    tests: [lies],
  },
  {
    name: 'a settlement that is known from a checkpoint is claimed for anything',
    harm: 'a liar with witnesses of its own stops every node that joins, for good',
    file: 'protocol/kinds/trade-claim.ts',
    text: `      if (!isOfIt) {`,
    replacement: `      if (!isOfIt && slices.length === 0) {`,
    tests: [lies],
  },
  {
    name: 'who sends what follows a liar’s checkpoint is charged for it',
    harm: 'a liar has every node that joins cut off those who tell the truth',
    file: 'src/ledger/admission.ts',
    text: `return isWhole ? reject(code, message) : ignore(code, message)`,
    replacement: `return isWhole ? reject(code, message) : reject(code, 'of a checkpoint')`,
    tests: ['test/src/adopt.test.ts'],
  },
  {
    name: 'a content of any size is written before it is looked at',
    harm: 'a society that trades much fills the memory of its witnesses',
    file: 'src/ledger/content.ts',
    text: `if (this.#bytesMin <= this.#bytesMax) return`,
    replacement: `if (this.#bytesMin >= 0) return`,
    tests: [witness],
  },
  {
    name: 'a checkpoint tells of changes of other documents',
    harm: 'a liar rewrites what is known of anybody’s records',
    file: 'src/ledger/adopt.ts',
    text: `if (await contradicts(parts, actor, read)) return undefined`,
    replacement: `if (await contradicts(parts, actor, { ...read, changes: [] }, breathe)) return`,
    tests: ['test/src/adopt.test.ts'],
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
    name: 'a snapshot from before the checkpoint is folded on',
    harm: 'a node that was killed does not start again: what came between was dropped',
    file: 'src/ledger/load.ts',
    text: `place >= least && place <= seq`,
    replacement: `place <= seq`,
    tests: [kept],
  },
  {
    name: 'what old changes that are kept name is dropped',
    harm: 'a node that lost its snapshots does not start again',
    file: 'src/checkpoint/compaction.ts',
    text: `for (const hash of hashes) pinned.add(hash)`,
    replacement: `for (const hash of hashes) pinned.delete(hash)`,
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
