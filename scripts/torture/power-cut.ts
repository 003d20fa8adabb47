import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { crashState, fates, type CrashState } from './power-cut/crash-state.ts'
import { Disk } from './power-cut/disk.ts'
import { wrongIn } from './power-cut/load.ts'
import { trace, type Timed } from './power-cut/trace.ts'
import type { Row, RowContext } from './row.ts'
import { scratch } from './scratch.ts'

const writer = join(import.meta.dirname, 'power-cut', 'write-load.ts')
/** Batches of the load: in the long form LevelDB begins several logs and compacts. */
const batches = { short: 210, long: 780 }

/** Puts a state on disk and opens the store in it: what is wrong, undefined where nothing is. */
async function reopen(
  state: CrashState,
  from: string,
  answered: number,
): Promise<string | undefined> {
  const home = await realpath(await mkdtemp(join(scratch, 'society-cut-')))
  try {
    for (const [path, content] of state) {
      // The lock of a process that is gone: the machine was off.
      if (path.endsWith('/node.lock')) continue
      const place = join(home, path.slice(from.length))
      await mkdir(dirname(place), { recursive: true })
      await writeFile(place, content)
    }
    const lock = await lockDirectory(home)
    try {
      // Before anything was answered there may be no store yet; `init` would make it.
      const store = await openLevelStore(home, { lock, create: answered === 0 })
      try {
        return await wrongIn(store, answered)
      } finally {
        await store.close()
      }
    } finally {
      await lock.release()
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : ''
    return `${String(error)} ${cause}`
  } finally {
    await rm(home, { recursive: true })
  }
}

function digestOf(state: CrashState): string {
  const digest = createHash('sha256')
  for (const [path, content] of [...state].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    digest.update(`${path} ${content.length}\n`).update(content)
  }
  return digest.digest('hex')
}

/** Cuts the power again and again until so many different states were opened. */
async function cutAll(
  timed: readonly Timed[],
  home: string,
  wanted: number,
  { tell, isOver }: Pick<RowContext, 'tell' | 'isOver'>,
): Promise<{ readonly states: number; readonly faults: readonly string[] }> {
  const random = new SeededRandom(1)
  const draw = (end: number): number => Math.floor(random.next() * end)
  const seen = new Set<string>()
  const faults: string[] = []
  const each = Math.max(1, Math.ceil((wanted * 1.5) / timed.length))
  // As many at each moment, evenly over the whole load, until there are enough.
  for (let round = 0; seen.size < wanted && round < 20 && !isOver(); round += 1) {
    const disk = new Disk(home)
    const stride = Math.max(1, Math.floor((timed.length * each) / wanted))
    for (const [moment, deed] of timed.entries()) {
      if (!disk.follow(deed) || (moment + round) % stride !== 0 || isOver()) continue
      for (let cut = 0; cut < each && seen.size < wanted; cut += 1) {
        const fate = fates[draw(fates.length)] ?? 'nothing'
        const state = crashState(disk, fate, draw)
        const digest = digestOf(state)
        if (seen.has(digest)) continue
        seen.add(digest)
        const wrong = await reopen(state, home, disk.answered)
        if (wrong !== undefined) {
          faults.push(`after deed ${moment}, ${fate}: ${wrong}`)
          tell(faults.at(-1) ?? '')
        }
        if (seen.size % 100 === 0) tell(`${seen.size} of ${wanted} states, ${faults.length} wrong`)
      }
    }
  }
  return { states: seen.size, faults }
}

/** Cuts the power of a disk that the store wrote to, at any moment, and opens what is left. */
export const powerCut: Row = {
  name: 'power-cut',
  proof: "the store's writes traced, legal states after a cut opened, nothing answered lost",
  gates: { short: { states: 60 }, long: { states: 2_000 } },
  async run({ gate, isShort, tell, isOver }) {
    const home = await realpath(await mkdtemp(join(scratch, 'society-traced-')))
    try {
      const count = isShort ? batches.short : batches.long
      const timed = await trace([writer, home, String(count)])
      const deeds = timed.filter(({ deed }) => {
        if (deed.type === 'say') return true
        return ('path' in deed ? deed.path : deed.to).startsWith(home)
      })
      tell(`${deeds.length} deeds traced`)
      const { states, faults } = await cutAll(deeds, home, gate['states'] ?? 0, { tell, isOver })
      const syncs = deeds.filter(({ deed }) => deed.type === 'sync').length
      return { figures: { states, lost: faults.length, deeds: deeds.length, syncs }, faults }
    } finally {
      await rm(home, { recursive: true })
    }
  },
}
