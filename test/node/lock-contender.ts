/**
 * Tries to lock the directory that each line on stdin names, and answers `won` or the code; an
 * empty line releases what is held and answers `released`.
 */
import { createInterface } from 'node:readline'
import { Failure } from '../../src/index.ts'
import { lockDirectory, type DirectoryLock } from '../../node/store/directory-lock.ts'

let held: DirectoryLock | undefined
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') {
    await held?.release()
    held = undefined
    process.stdout.write('released\n')
    continue
  }
  try {
    held = await lockDirectory(line)
    process.stdout.write('won\n')
  } catch (error) {
    process.stdout.write(`${error instanceof Failure ? error.code : String(error)}\n`)
  }
}
