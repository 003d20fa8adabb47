/** Writes to the store in the directory given until it fails, tries on, and tells what happened. */
import { Failure } from '../../src/index.ts'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'

const directory = process.argv[2] ?? ''
const lock = await lockDirectory(directory)
const store = await openLevelStore(directory, { lock, create: true })
const codes: string[] = []
let written = 0
while (codes.length < 3) {
  // Small ones after the first failure: alone they would still fit.
  const value = new Uint8Array(codes.length === 0 ? 50_000 : 1).fill(7)
  try {
    await store.write([{ key: `key${1_000 + written}`, value }], { sync: true })
    written += 1
  } catch (error) {
    codes.push(error instanceof Failure ? error.code : String(error))
  }
}
await store.close()
await lock.release()
process.stdout.write(JSON.stringify({ written, codes }))
