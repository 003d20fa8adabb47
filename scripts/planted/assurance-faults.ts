import type { PlantedFault } from './planted-fault.ts'

const finality = 'test/replica/finality.test.ts'
const succession = 'test/replica/succession-lies.test.ts'
const clock = 'test/src/clock.test.ts'

/** Faults of certified hand-overs. */
const finalityFaults: readonly PlantedFault[] = [
  {
    name: 'half of the witnesses certify',
    harm: 'a liar among them certifies two pasts',
    file: 'protocol/acknowledgement.ts',
    text: `return witnesses - Math.floor((witnesses - 1) / 3)`,
    replacement: `return Math.floor(witnesses / 2) + 1`,
    tests: [finality],
  },
  {
    name: 'acknowledgements are counted without their signatures',
    harm: 'anybody certifies what it likes',
    file: 'protocol/acknowledgement.ts',
    text: `verify(signature, message, witness))`,
    replacement: `signature.length === 64)`,
    tests: [finality],
  },
  {
    name: 'who is no witness of its author certifies',
    harm: 'a liar’s friends certify its two pasts',
    file: 'protocol/acknowledgement.ts',
    text: `.filter(({ witness }) => witnesses.includes(witness))`,
    replacement: `.filter(({ witness }) => witness.length > 0)`,
    tests: [finality],
  },
  {
    name: 'a witness forgets what it acknowledged',
    harm: 'it acknowledges two changes at one place',
    file: 'src/finality/witness.ts',
    text: `[{ seq, hash }, set, acknowledged ?? { seq: 0, hash }]`,
    replacement: `[{ seq, hash }, set]`,
    tests: [finality],
  },
  {
    name: 'an acknowledgement leaves before it is on disk',
    harm: 'after a power cut the witness acknowledges the other past',
    file: 'src/finality/witness.ts',
    text: `[{ key, value: encodeJson(bond) }], { sync: true })`,
    replacement: `[{ key, value: encodeJson(bond) }], { sync: false })`,
    tests: [finality],
  },
  {
    name: 'a witness acknowledges for a liar',
    harm: 'what is void in the end is handed over as final',
    file: 'src/finality/witness.ts',
    text: `return ledger.forks.convicted(owner.key)\n`,
    replacement: `return ledger.forks.convicted(ledger.self)\n`,
    tests: [finality],
  },
  {
    name: 'witnesses hand over without their signatures',
    harm: 'a liar appoints its friends and is certified twice',
    file: 'protocol/acknowledgement.ts',
    text: `return areEnough(handover, witnesses, message, verify)`,
    replacement: `return message.length > 0`,
    tests: ['test/protocol/rules-witnesses.test.ts'],
  },
  {
    name: 'a witness that has handed over acknowledges on',
    harm: 'old and new witnesses certify two pasts',
    file: 'src/finality/witness.ts',
    text: `if (before.ended > term) {`,
    replacement: `if (before.ended < 0) {`,
    tests: [succession],
  },
  {
    name: 'what is not certified is taken',
    harm: 'a society that asks for final hand-overs has none',
    file: 'src/finality/finality.ts',
    text: `policy.acceptFinality === 1`,
    replacement: `policy.acceptFinality === 2`,
    tests: ['test/scenarios-own.test.ts'],
  },
  {
    name: 'a certificate covers what is after it',
    harm: 'what nobody acknowledged passes for final',
    file: 'src/finality/certificates.ts',
    text: `if (later.seq < seq) return false`,
    replacement: `if (later.seq < 0) return false`,
    tests: ['test/scenarios-own.test.ts'],
  },
]

/** Faults of what physics says, and of those who look at the sources of others. */
const sightFaults: readonly PlantedFault[] = [
  {
    name: 'physics is not asked',
    harm: 'panels that shine at night are signed',
    file: 'src/write/proofs.ts',
    text: `return rivalry(proof, resolving) ?? implausibility(proof, resolving)`,
    replacement: `return rivalry(proof, resolving)`,
    tests: ['test/src/implausible.test.ts'],
  },
  {
    name: 'panels give at night what they give at noon',
    harm: 'a made-up output passes round the clock',
    file: 'node/plausibility/clear-sky.ts',
    text: `if (altitude <= 0) return 0`,
    replacement: `if (altitude <= 0) return rated`,
    tests: ['test/node/plausibility.test.ts'],
  },
  {
    name: 'a counter may fall',
    harm: 'one meter is shown as another',
    file: 'node/plausibility/counters.ts',
    text: `if (type === 'compute' || -counted <= countLostHours * (most ?? 0)) return null`,
    replacement: `if (type === 'compute' || counted < 0) return null`,
    tests: ['test/node/plausibility.test.ts'],
  },
  {
    name: 'a witness finds a counter that fell in order',
    harm: 'readings that were made up are borne out',
    file: 'src/witness/judge.ts',
    text: `if (counted < 0) return \`its counter fell from`,
    replacement: `if (counted < -Infinity) return \`its counter fell from`,
    tests: ['test/src/witness-judge.test.ts'],
  },
  {
    name: 'witnesses who contradict each other are of one mind',
    harm: 'two words are taken for a level, whatever they say',
    file: 'src/witness/ask-plan.ts',
    text: `const most = Math.max(yes, words.length - yes)`,
    replacement: `const most = Math.max(yes, words.length)`,
    tests: ['test/src/witness-asking.test.ts'],
  },
  {
    name: 'a claimant chooses who draws its witnesses',
    harm: 'it tries ids until a friend draws its friends',
    file: 'protocol/claims/witnesses.ts',
    text: `if (draw === null || !candidates.slice(0, drawersMax).includes(draw.by)) return false`,
    replacement: `if (draw === null || !candidates.includes(draw.by)) return false`,
    tests: ['test/protocol/witnesses.test.ts'],
  },
  {
    name: 'parents witness their children',
    harm: 'a family proves whatever it likes',
    file: 'protocol/claims/witnesses.ts',
    text: `independent.length < witnessesForLevel ? others : independent`,
    replacement: `independent.length < Infinity ? others : independent`,
    tests: ['test/protocol/witnesses.test.ts'],
  },
  {
    name: 'what is seen through the claimant counts as seen',
    harm: 'a page of code bears out any capacity',
    file: 'protocol/claims/witnesses.ts',
    text: `  relayed: 1,\n`,
    replacement: `  relayed: assuranceMax,\n`,
    tests: ['test/src/witness-judge.test.ts', 'test/protocol/witnesses.test.ts'],
  },
  {
    name: 'one witness makes a level',
    harm: 'a single friend lifts a source',
    file: 'protocol/claims/assurance.ts',
    text: `best[witnessesForLevel - 1] ?? 0`,
    replacement: `best[0] ?? 0`,
    tests: ['test/protocol/claims.test.ts', 'test/replica/witnesses.test.ts'],
  },
  {
    name: 'a witness looks whatever transcript it is shown',
    harm: 'the claimant leads it to another device than it proved',
    file: 'src/witness/looker.ts',
    text: `if (source.evidence !== sha256(question.transcript)) {`,
    replacement: `if (source.evidence === sha256(new Uint8Array())) {`,
    tests: ['test/node/witness.test.ts', 'test/replica/witnessing.test.ts'],
  },
]

/** Faults of the guard of the clock. */
const clockFaults: readonly PlantedFault[] = [
  {
    name: 'a node signs by a clock that was set back',
    harm: 'it dates a record before what it signed',
    file: 'src/clock/clock-guard.ts',
    text: `if (now < this.#seen - clockBackMsMax) this.#isBehind = true`,
    replacement: `if (now < 0) this.#isBehind = true`,
    tests: [clock],
  },
  {
    name: 'one other society tells the time',
    harm: 'a single liar stops a node, or sets it wrong',
    file: 'src/clock/clock-guard.ts',
    text: `all.length < clockPeersMin ? undefined`,
    replacement: `all.length < 1 ? undefined`,
    tests: [clock],
  },
  {
    name: 'strangers tell the time',
    harm: 'a crowd of fresh keys stops a node',
    file: 'src/clock/clock-guard.ts',
    text: `return society !== self && members().has(society)`,
    replacement: `return society !== self`,
    tests: [clock],
  },
  {
    name: 'a clock that leapt ahead is believed at once',
    harm: 'a node dates records into the future',
    file: 'src/clock/clock-guard.ts',
    text: `if (this.#ahead === undefined || ahead - this.#ahead <= clockBackMsMax) {`,
    replacement: `if (this.#ahead === undefined || ahead > 0) {`,
    tests: [clock],
  },
  {
    name: 'what is wrong with the clock hinders nothing',
    harm: 'the guard watches, and the node signs',
    file: 'src/ledger/ledger.ts',
    text: `if (!this.#parts.mayHaveSigned()) return this.#parts.clockFault()`,
    replacement: `if (!this.#parts.mayHaveSigned()) return undefined`,
    tests: [clock],
  },
]

/** Faults of backups and of files that show a backing. */
const fileFaults: readonly PlantedFault[] = [
  {
    name: 'a backup is believed without its checksum',
    harm: 'a flipped bit is restored as a balance',
    file: 'node/backup/archive.ts',
    text: `if (!isWhole || !digest.equals(hash.digest())) throw`,
    replacement: `if (!isWhole || digest.length !== digestBytes) throw`,
    tests: ['test/node/backup.test.ts'],
  },
  {
    name: 'a restored node does not know that it was restored',
    harm: 'it signs two changes at one place',
    file: 'node/backup/restore.ts',
    text: `      await markRestored(store)\n`,
    replacement: '',
    tests: ['test/node/backup.test.ts'],
  },
  {
    name: 'a backup is restored over another node',
    harm: 'a society’s only copy is gone',
    file: 'node/backup/restore.ts',
    text: `if (names.length === 0) return`,
    replacement: `if (names.length >= 0) return`,
    tests: ['test/node/backup.test.ts'],
  },
  {
    name: 'documents of a backing file are believed without a signature',
    harm: 'anybody writes an answer in anybody’s name',
    file: 'src/backing/vouching-verifier.ts',
    text: `if (!this.#verifier.verify(signature, changeMessage(newest), bytesOfKey(owner))) {`,
    replacement: `if (signature.length !== 64) {`,
    tests: ['test/replica/backing-file.test.ts'],
  },
  {
    name: 'the bytes of a backing file are not compared with its digest',
    harm: 'two files of one digest say two things',
    file: 'node/backing/backing-file.ts',
    text: `if (digest !== sha256(body)) throw`,
    replacement: `if (digest === undefined) throw`,
    tests: ['test/replica/backing-file.test.ts', 'test/node/backing-file.test.ts'],
  },
  {
    name: 'a backing file is as old as its newest word',
    harm: 'whoever is silent for a year passes for heard today',
    file: 'src/backing/replay.ts',
    text: `heard.map(({ until }) => until).sort()[0]`,
    replacement: `heard.map(({ until }) => until).sort().at(-1)`,
    tests: ['test/replica/backing-file.test.ts'],
  },
  {
    name: 'whoever wrote a backing file says who is a member',
    harm: 'a crowd of its own keys bears itself out',
    file: 'src/backing/replay.ts',
    text: `const self = from ?? viewer`,
    replacement: `const self = viewer`,
    tests: ['test/replica/backing-file.test.ts'],
  },
]

/** Faults of what lets others be believed: certificates, physics, witnesses, clocks, files. */
export const assuranceFaults: readonly PlantedFault[] = [
  ...finalityFaults,
  ...sightFaults,
  ...clockFaults,
  ...fileFaults,
]
