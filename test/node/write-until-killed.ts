/**
 * Writes numbered keys below the prefix given to the store in the directory given, large and small,
 * synced and not, until it is killed. Prints the number of each synced one that was answered.
 */
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'

const [, , directory = '', prefix = ''] = process.argv
const lock = await lockDirectory(directory)
const store = await openLevelStore(directory, { lock })
for (let number = 0; ; number += 1) {
  const sync = number % 3 === 0
  const key = `${prefix}/${String(number).padStart(8, '0')}`
  const value = crypto.getRandomValues(new Uint8Array((number * 7_919) % 40_000))
  const written = store.write([{ key, value }], { sync })
  if (sync) {
    await written
    process.stdout.write(`${number}\n`)
  }
}
