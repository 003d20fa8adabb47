/**
 * Writes batches to the store in the directory given, up to the number given, and closes and opens
 * it twice on the way. Prints the number of each synced batch once it was answered.
 */
import { writeSync } from 'node:fs'
import { lockDirectory } from '../../../node/store/directory-lock.ts'
import { openLevelStore } from '../../../node/store/level-store.ts'
import { batchOfNumber, isSynced } from './load.ts'

const [, , directory = '', count = '0'] = process.argv
const lock = await lockDirectory(directory)
const last = Number(count)
const stretch = Math.ceil(last / 3)
for (let number = 1; number <= last;) {
  const store = await openLevelStore(directory, { lock, create: true })
  for (let left = stretch; left > 0 && number <= last; left -= 1, number += 1) {
    const written = store.write(batchOfNumber(number), { sync: isSynced(number) })
    if (!isSynced(number)) continue
    await written
    writeSync(1, `answered ${number}\n`)
  }
  await store.close()
}
await lock.release()
