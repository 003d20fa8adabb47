import { Author, observations } from '../author.ts'
import { makeDirectory, removeDirectory } from '../directory.ts'
import { FedReplica, messageOf } from '../fed-replica.ts'
import { timed } from '../stopwatch.ts'
import { serveRounds } from '../rounds.ts'

/** Judges and stores foreign changes: `count` records a round, so many to a change. */
serveRounds(async ({ count, recordsPerChange, history = 0 }) => {
  const { directory } = await makeDirectory('ingest')
  const fed = await FedReplica.open(directory)
  const author = new Author()
  const begin = Date.now() - 86_400_000
  await fed.feed([author.found(begin).frame])
  await fed.feed(observations(author, Number(history), 100, begin))
  let time = Date.now() - 43_200_000
  const make = (records: number): ReturnType<typeof messageOf>[] => {
    const frames = observations(author, records, Number(recordsPerChange), time)
    time += frames.length
    return frames.map(messageOf)
  }
  await fed.feedEncoded(make(Number(count) / 2))
  return {
    async round() {
      const messages = make(Number(count))
      return timed(Number(count), () => fed.feedEncoded(messages))
    },
    async close() {
      await fed.close()
      await removeDirectory(directory)
    },
  }
})
