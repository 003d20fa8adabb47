/**
 * A program that reads a backing file and verifies it as it is, then with one byte changed at a
 * time: `verify-altered.ts FILE COUNT SEED`. It opens no connection and holds no key or ledger.
 * Prints the verdict of the file, and how often which code refused a changed one, as JSON.
 */
import { readFile } from 'node:fs/promises'
import { verifyBackingFile } from '../../node/backing/verify.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { Failure } from '../../src/index.ts'

const [path = '', count = '', seed = ''] = process.argv.slice(2)
const bytes = await readFile(path)
const options = { now: Date.now() }

async function endOf(changed: Uint8Array): Promise<string> {
  try {
    await verifyBackingFile(changed, options)
    return 'taken'
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
}

const { verdict } = await verifyBackingFile(bytes, options)
const random = new SeededRandom(Number(seed))
const ends: Record<string, number> = {}
for (let i = 0; i < Number(count); i++) {
  const changed = Uint8Array.from(bytes)
  const place = Math.floor(random.next() * bytes.length)
  changed[place] = ((changed[place] ?? 0) + 1 + Math.floor(random.next() * 255)) % 256
  const end = await endOf(changed)
  ends[end] = (ends[end] ?? 0) + 1
}
process.stdout.write(JSON.stringify({ verdict, ends }))
