import type { PlantedFault } from './planted-fault.ts'

/** Faults of the program around the replica: disk, keys, network and API. */
export const programFaults: readonly PlantedFault[] = [
  {
    name: 'stored values are served without their checksum',
    harm: 'a flipped bit of the disk is believed',
    file: 'node/store/envelope.ts',
    text: ` || view.getUint32(0) !== checksum(key, value)`,
    replacement: '',
    tests: ['test/node/store-damage.test.ts'],
  },
  {
    name: 'a commit is synced only if all of it asked for that',
    harm: 'an answered write is lost beside one that nobody waits for',
    file: 'node/store/commit-queue.ts',
    text: `taken.some(({ sync }) => sync),`,
    replacement: `taken.every(({ sync }) => sync),`,
    tests: ['test/node/store.test.ts'],
  },
  {
    name: 'after a failed commit the store writes on',
    harm: 'what follows leaves a hole in what was answered',
    file: 'node/store/commit-queue.ts',
    text: `    if (this.#failure !== undefined) return Promise.reject(this.#failure)\n`,
    replacement: '',
    tests: ['test/node/store.test.ts', 'test/node/store-damage.test.ts'],
  },
  {
    name: 'OpenSSL alone decides on signatures',
    harm: 'nodes with other libraries disagree on what is signed',
    file: 'node/keys/zip215-verifier.ts',
    text: `return verifyZip215(signature, message, publicKey, { zip215: true })`,
    replacement: `return verifyZip215(signature, message, publicKey, { zip215: false })`,
    tests: ['test/node/zip215-verifier.test.ts'],
  },
  {
    name: 'any token will do',
    harm: 'every process of the machine writes in the society’s name',
    file: 'node/api/gate.ts',
    text: `if (given === undefined || !timingSafeEqual(digest(given), digest(token))) {`,
    replacement: `if (given === undefined) {`,
    tests: ['test/node/api-gate.test.ts'],
  },
  {
    name: 'a name rebound to this machine is let in',
    harm: 'a page in the browser reads the ledger’s API',
    file: 'node/api/gate.ts',
    text: `if (name === undefined || !isOurName(name, configured)) {`,
    replacement: `if (name === undefined) {`,
    tests: ['test/node/api-gate.test.ts'],
  },
  {
    name: 'two nodes run in one directory',
    harm: 'both sign with one key',
    file: 'node/store/directory-lock.ts',
    text: `if (record !== undefined && (await isRunning(record))) throw`,
    replacement: `if (record === null) throw`,
    tests: ['test/node/directory-lock.test.ts'],
  },
  {
    name: 'one peer fills the queue of gossip',
    harm: 'a loud peer starves the others',
    file: 'node/network/verdict-queue.ts',
    text: `      ofPeer.length >= limits.verdictQueuePerPeerMax\n`,
    replacement: `      ofPeer.length >= limits.verdictQueueMax\n`,
    tests: ['test/node/network-queues.test.ts'],
  },
]
