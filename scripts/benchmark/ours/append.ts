import { startNode } from '../../../node/start.ts'
import { didOf } from '../../../protocol/index.ts'
import { strangerNumbered } from '../author.ts'
import { makeDirectory, removeDirectory } from '../directory.ts'
import { quietLog } from '../quiet-log.ts'
import { timed } from '../stopwatch.ts'
import { serveRounds } from '../rounds.ts'

/** Writes records of its own on a whole node, each on disk before its caller goes on. */
serveRounds(async ({ count, callers, history = 0 }) => {
  const { directory } = await makeDirectory('append')
  const node = await startNode({ directory, passphrase: null, log: quietLog })
  const { replica } = node
  const subjects = Array.from({ length: 16 }, (_, number) => didOf(strangerNumbered(number)))
  let written = 0
  const write = async (records: number, atOnce: number): Promise<void> => {
    let left = records
    const caller = async (): Promise<void> => {
      while (left-- > 0) {
        const number = written++
        const subject = subjects[number % subjects.length]
        const note = `delivery ${number}`
        await replica.write('trust.observe', { subject, success: number % 7 !== 0, note })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, caller))
  }
  await write(Number(history), 256)
  await write(Number(count) / 2, Number(callers))
  return {
    async round() {
      return timed(Number(count), () => write(Number(count), Number(callers)))
    },
    async close() {
      await node.close()
      await removeDirectory(directory)
    },
  }
})
