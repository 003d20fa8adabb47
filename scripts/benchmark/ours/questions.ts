import { setImmediate as turn } from 'node:timers/promises'
import { Author } from '../author.ts'
import { makeDirectory, removeDirectory } from '../directory.ts'
import { energyHistory, liveCharges } from '../energy-history.ts'
import { FedReplica } from '../fed-replica.ts'
import { makeGraph } from '../graph.ts'
import { serveRounds } from '../rounds.ts'
import { quantile } from '../statistics.ts'

/** Times of single answers in ms, one after the other with a turn of the loop between. */
async function timesOf(
  count: number,
  ask: (number: number) => unknown,
): Promise<readonly number[]> {
  const times: number[] = []
  for (let number = 0; number < count; number++) {
    await turn()
    const startedAt = performance.now()
    await ask(number)
    times.push(performance.now() - startedAt)
  }
  return times
}

/** Asks one node what it knows: backing, trust, the past. Medians of single answers in ms. */
serveRounds(async (options) => {
  const { batches = 0, societies = 0, seen = 0, days = 0, asked = 20 } = options
  const { directory } = await makeDirectory('questions')
  const fed = await FedReplica.open(directory)
  const { replica } = fed
  const rich = new Author()
  const begin = Date.now() - 86_400_000 * (Number(days) + 1)
  const founded = rich.found(begin, 1_000_000_000)
  await fed.feed([founded.frame])
  if (Number(days) > 0) {
    await fed.feed(energyHistory(rich, founded.founding, { begin, days: Number(days) }))
  } else if (Number(batches) > 0) {
    await fed.feed(liveCharges(rich, founded.founding, Number(batches), begin))
  }
  const graph = Number(societies) > 0 ? await makeGraph(fed, Number(societies), Number(seen)) : []
  const keyAt = (number: number) => (graph[number % graph.length] as Author).key
  const past = begin + (Date.now() - begin) / 2
  return {
    async round() {
      const backing = await timesOf(Number(asked), () => replica.backing(rich.key))
      const history = await timesOf(3, () => replica.views.history(rich.key, past))
      if (graph.length === 0)
        return { backingMs: quantile(backing, 0.5), pastMs: quantile(history, 0.5) }
      const pairs = await timesOf(200, (at) => replica.trust(keyAt(at * 29 + 7), keyAt(at * 31)))
      const all = await timesOf(1, () => graph.forEach(({ key }) => replica.trust(key, keyAt(5))))
      return {
        backingMs: quantile(backing, 0.5),
        pastMs: quantile(history, 0.5),
        pairMs: quantile(pairs, 0.5),
        allMs: quantile(all, 0.5),
      }
    },
    async close() {
      await fed.close()
      await removeDirectory(directory)
    },
  }
})
