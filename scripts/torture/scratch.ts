import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'

const memory = '/dev/shm'

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Where thousands of stores are put that live for a moment: in memory, where there is some. */
export const scratch: string = isWritable(memory) ? memory : tmpdir()
