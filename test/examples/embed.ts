/**
 * A society within another program: a replica of one's own, without the program `society`. It
 * reaches the world through ports alone, each of which the embedding program chooses: here a store
 * in memory, a key that is gone at the end, and a network in which there is nobody else.
 *
 * Run it with `node test/examples/embed.ts`.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { hashes, verify } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { createMemoryStore, documentsInThread, Failure, Replica } from 'society'
import type { Clock, Log, Network, Signer } from 'society'
import { keyOfBytes, peerIdOf } from 'society/protocol'

/** A fresh ed25519 key; a real program keeps its key. */
function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}

/** A network without others, under a key of its own. A real one carries gossip and requests. */
function nobodyElse(node: Signer): Network {
  const peerId = peerIdOf(keyOfBytes(node.publicKey))
  return {
    self: peerId,
    identity: { peerId, sign: (message) => node.sign(message) },
    start: async () => {},
    peers: () => [],
    subscribe: () => {},
    unsubscribe: () => {},
    publish: () => {},
    serve: () => {},
    request: async () => Promise.reject(new Failure('peer-unavailable', 'there is nobody else')),
    penalise: () => {},
    stop: async () => {},
  }
}

const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

const log: Log = { debug() {}, info() {}, warn: console.error, error: console.error }

hashes.sha512 = sha512

const replica = await Replica.open({
  store: createMemoryStore(),
  network: nobodyElse(newSigner()),
  clock,
  random: { next: () => Math.random() },
  log,
  verifier: {
    // Every node must agree on every signature, and so use ZIP-215.
    verify: (signature, message, key) => verify(signature, message, key, { zip215: true }),
  },
  signer: newSigner(),
  documents: documentsInThread,
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  founding: {
    name: 'embedded',
    federation: 'test-embedding',
    adp: '1000',
    policy: { minimumOccupancy: 0, acceptAssurance: 0 },
    witnesses: [],
  },
  bootstrapPeers: new Set(),
  manual: false,
  cosign: { worker: 'known', beneficiary: 'ask' },
  timing: { headMs: 60_000, syncMs: 30_000 },
})
await replica.start()

// Whatever happens is told as it happens.
const told: unknown[] = replica.events.after(0).events.map(({ data }) => data['kind'])
replica.events.listen(({ data }) => told.push(data['kind']))

// A record is on disk once its id is there. What a rule refuses is a Failure with its code.
try {
  await replica.write('atp.charge', { amount: '10', source: 'solar:none:x1' })
} catch (error) {
  if (!(error instanceof Failure)) throw error
  told.push(`refused: ${error.code}`)
}
await replica.write('society.amend', { policy: { atpLifetimeDays: 3 } })

const { name, adp, supply } = replica.society()
process.stdout.write(`${JSON.stringify({ name, adp: adp.pool, supply, told })}\n`)
await replica.stop()
