import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { removeDirectory } from '../directory.ts'
import { timed } from '../stopwatch.ts'
import { serveRounds } from '../rounds.ts'

/** Bytes of a change of one record with its signature. */
const valueBytes = 300

/** Synced writes to LevelDB with so many in flight and nothing else. */
serveRounds(async ({ count, callers }) => {
  const directory = await mkdtemp(join(tmpdir(), 'society-benchmark-level-'))
  const database = new Level<string, Uint8Array>(join(directory, 'store'), {
    valueEncoding: 'view',
  })
  await database.open()
  let number = 0
  const value = randomBytes(valueBytes)
  const write = async (records: number): Promise<void> => {
    let left = records
    const caller = async (): Promise<void> => {
      while (left-- > 0) {
        const key = String(number++).padStart(12, '0')
        await database.put(key, value, { sync: true })
      }
    }
    await Promise.all(Array.from({ length: Number(callers) }, caller))
  }
  return {
    async round() {
      return timed(Number(count), () => write(Number(count)))
    },
    async close() {
      await database.close()
      await removeDirectory(directory)
    },
  }
})
