/**
 * Opens the store in the directory given as the node of w1, as late as the time given, in ms, and
 * drops what is old. Prints a line before each write, so that it can be killed there, and `done`.
 */
import { once } from 'node:events'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { silentLog } from '../../node/silent-log.ts'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import type { Store } from '../../src/index.ts'
import { Compaction } from '../../src/checkpoint/compaction.ts'
import { openLedger } from '../support/open-ledger.ts'

const [, , directory = '', now = '0'] = process.argv
const lock = await lockDirectory(directory)
const level = await openLevelStore(directory, { lock })
/** Prints a line and goes on when it was read: when it is to live. */
const tell = async (line: string): Promise<void> => {
  process.stdout.write(`${line}\n`)
  await once(process.stdin, 'data')
}
const store: Store = {
  write: async (writes, options) => {
    await tell('write')
    await level.write(writes, options)
  },
  get: (key) => level.get(key),
  getMany: (keys) => level.getMany(keys),
  range: (range) => level.range(range),
  compact: async (gte, lt) => level.compact?.(gte, lt),
  close: () => level.close(),
}
const verifier = createVerifier()
const clock = new VirtualClock(Number(now))
const ledger = await openLedger({ store, verifier, signer: signerOf('w1'), clock })
const compaction = new Compaction({
  ledger,
  index: ledger.index,
  store,
  log: silentLog,
  clock,
  verifier,
  observers: [],
  breathe: async () => {},
})
await compaction.look()
await level.close()
await lock.release()
process.stdout.write('done\n')
process.stdin.destroy()
