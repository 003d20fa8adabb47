/**
 * Writes synced batches to the store in the directory given until one fails or 400 are written,
 * then tries twice more. Prints as JSON how many were answered and with which codes it failed.
 */
import { lockDirectory } from '../../../node/store/directory-lock.ts'
import { openLevelStore } from '../../../node/store/level-store.ts'
import { Failure } from '../../../src/index.ts'
import { batchOfNumber } from '../power-cut/load.ts'

const [, , directory = ''] = process.argv
const codes: string[] = []
let answered = 0
const note = (error: unknown): void => {
  codes.push(error instanceof Failure ? error.code : String(error))
}
const lock = await lockDirectory(directory)
try {
  const store = await openLevelStore(directory, { lock, create: true })
  while (codes.length < 3 && answered < 400) {
    try {
      await store.write(batchOfNumber(answered + 1), { sync: true })
      answered += 1
    } catch (error) {
      note(error)
    }
  }
  await store.close()
} catch (error) {
  note(error)
}
await lock.release().catch(note)
process.stdout.write(JSON.stringify({ answered, codes }))
