import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { bytesOfKey, changeMessage, peekChange, recordId } from '../../protocol/index.ts'
import type { Chain, ChangesFrame, Fields, SocietyKey } from '../../protocol/index.ts'
import { createMemoryDisk, type Store } from '../../src/index.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { framesFrom, framesNamed } from '../../src/ledger/serve.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor, type Signed } from '../support/chain-author.ts'
import { effort } from '../support/effort.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const verifier = createVerifier()
/** Seeds from which changes that were kept by halves were found first, and others. */
const seeds = Array.from({ length: effort.times(120) }, (_, seed) => seed)

const found = (name: string): Fields =>
  fieldsOf('society.found', { name, federation: 'test-x', adp: 0, witnesses: [] })
const admit = (society: SocietyKey, hash: string): Fields =>
  fieldsOf('federation.admit', { society, join: recordId(hash, 0) })
const observe = (count: number): Fields =>
  fieldsOf('trust.observe', { subject: new ChainAuthor('any', 'trust').key, success: true, count })

/** A change of a liar, and all before it on its branch, oldest first. */
type Grown = { readonly signed: Signed; readonly path: readonly Signed[]; readonly chain: Chain }

/** Changes of a liar that part again and again; some name what nobody has. */
function grow(liar: ChainAuthor, random: SeededRandom): readonly Grown[] {
  const root = liar.write([found('liar')], start)
  const grown: Grown[] = [{ signed: root, path: [root], chain: liar.chain }]
  const size = 4 + Math.floor(random.next() * 8)
  while (grown.length < size) {
    // Mostly on top of what is newest: long branches overlap more.
    const back = Math.floor(random.next() ** 2 * grown.length)
    const before = grown[grown.length - 1 - back] as Grown
    liar.chain = before.chain
    const isUnknown = random.next() < 0.15
    const missing = grown.length.toString(16).padStart(64, 'f')
    const record = isUnknown ? admit(liar.key, missing) : observe(grown.length)
    const signed = liar.write([record], start)
    grown.push({ signed, path: [...before.path, signed], chain: liar.chain })
  }
  return grown
}

function frameOf(liar: ChainAuthor, run: readonly Signed[]): ChangesFrame {
  const changes = run.map(({ bytes }) => bytes)
  return liar.frame(changes, (run.at(-1) as Signed).hash)
}

/** A frame of a part of some branch. */
function someFrame(liar: ChainAuthor, grown: readonly Grown[], random: SeededRandom): ChangesFrame {
  const { path } = grown[Math.floor(random.next() * grown.length)] as Grown
  const from = Math.floor(random.next() * path.length)
  const to = from + 1 + Math.floor(random.next() * (path.length - from))
  return frameOf(liar, path.slice(from, to))
}

function bring(frames: readonly ChangesFrame[], hash: string, by: SocietyKey): boolean {
  return frames.some(({ changes, signature }) => {
    const hashes = changes.map((bytes) => peekChange(bytes)).map((p) => p.ok && p.value.hash)
    const last = hashes.at(-1)
    if (!hashes.includes(hash as Signed['hash']) || !last) return false
    return verifier.verify(signature, changeMessage(last), bytesOfKey(by))
  })
}

async function open(store: Store): Promise<Ledger> {
  const clock = new VirtualClock(start)
  return openLedger({ store, verifier, signer: signerOf('reader'), clock })
}

/** Lets what is under way go on. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** A store that fails at a write, as one does when its node is killed. */
function mortal(store: Store): { readonly store: Store; die: (inWrites: number) => void } {
  let left = Infinity
  const write: Store['write'] = async (writes, how) => {
    left -= 1
    if (left < 0) throw new TypeError('killed')
    await store.write(writes, how)
  }
  return {
    store: new Proxy(store, {
      get: (target, name) => {
        if (name === 'write') return write
        const value = Reflect.get(target, name) as unknown
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    }),
    die: (inWrites) => {
      left = inWrites
    },
  }
}

/** Hashes of changes that a node has and that nothing it serves vouches for. */
async function unvouched(
  { ledger, store }: { readonly ledger: Ledger; readonly store: Store },
  liar: ChainAuthor,
  grown: readonly Grown[],
): Promise<readonly string[]> {
  const { index, forks } = ledger
  const { actor } = liar.chain
  const lacking: string[] = []
  for (const { signed, path } of grown) {
    const { hash } = signed
    if ((await index.facts(hash)) === undefined) continue
    const isPast = path.length >= forks.placeOf(actor)
    const frames = isPast
      ? await framesNamed({ store, index, forks }, hash, 1_000_000)
      : await framesFrom(store, actor, 1, 1_000_000, forks.placeOf(actor))
    if (!bring(frames, hash, liar.key)) lacking.push(`${path.length} ${isPast} ${hash.slice(0, 6)}`)
  }
  return lacking
}

test.each(seeds)(
  'whatever of a liar is kept is vouched for, frames of order %i (R66, E5)',
  async (seed) => {
    const random = new SeededRandom(seed)
    const liar = new ChainAuthor('liar', 'trust')
    const grown = grow(liar, random)
    const disk = createMemoryDisk()
    let { store, die } = mortal(disk.open())
    let ledger = await open(store)
    const restart = async (): Promise<void> => {
      ;({ store, die } = mortal(disk.open()))
      ledger = await open(store)
      await ledger.catchUp()
    }
    for (let step = 0; step < 30; step++) {
      const chance = random.next()
      if (chance < 0.75) {
        await ledger.ingest(someFrame(liar, grown, random), 'peer')
      } else if (chance < 0.95) {
        const honest = new ChainAuthor(`honest ${step}`, 'trust')
        await ledger.ingest(honest.write([found('honest')], start).frame, 'peer')
        const { signed } = grown[Math.floor(random.next() * grown.length)] as Grown
        await ledger.ingest(honest.write([admit(liar.key, signed.hash)], start).frame, 'peer')
      } else {
        await ledger.close().catch(() => {})
        if (random.next() < 0.3) disk.cutPower()
        await restart()
      }
      if (random.next() < 0.2) die(Math.floor(random.next() * 4))
      while (!ledger.settled && ledger.broken === undefined) await turn()
      if (ledger.broken !== undefined) await restart()
      expect(await unvouched({ ledger, store }, liar, grown), `step ${step}`).toEqual([])
    }
  },
)
