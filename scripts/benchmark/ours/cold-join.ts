import { startNode } from '../../../node/start.ts'
import { Author, observations } from '../author.ts'
import { makeDirectory, removeDirectory } from '../directory.ts'
import { FedReplica } from '../fed-replica.ts'
import { quietLog } from '../quiet-log.ts'
import { serveRounds } from '../rounds.ts'
import type { Figures } from '../trial.ts'
import { AskedProcess } from '../workers.ts'
import type { Joining } from './joiner.ts'

/** Makes a node that holds one society's history of `count` records. */
async function makeHistory(count: number, recordsPerChange: number): Promise<string> {
  const { directory } = await makeDirectory('served')
  const fed = await FedReplica.open(directory)
  const author = new Author()
  const begin = Date.now() - 86_400_000
  await fed.feed([author.found(begin).frame])
  await fed.feed(observations(author, count, recordsPerChange, begin))
  await fed.close()
  return directory
}

/** A second process starts empty and ends with the same state: `count` records. */
serveRounds(async (options) => {
  const count = Number(options['count'])
  const directory = await makeHistory(count, Number(options['recordsPerChange']))
  const node = await startNode({
    directory,
    passphrase: null,
    log: quietLog,
  })
  const { replica, network } = node
  const head = replica.documentHeads().toSorted((a, b) => b.seq - a.seq)[0]
  const [address] = network.addresses()
  if (head === undefined || address === undefined) throw new TypeError('nothing to join')
  return {
    async round() {
      const joiner = new AskedProcess(new URL('joiner.ts', import.meta.url), {})
      await joiner.next()
      const {
        ms = 0,
        wireBytes = 0,
        diskBytes = 0,
      } = await joiner.ask<Figures>({
        address,
        head,
      } satisfies Joining)
      await joiner.end()
      return {
        perSecond: (1_000 * count) / ms,
        wireBytes: wireBytes / count,
        diskBytes: diskBytes / count,
      }
    },
    async close() {
      await node.close()
      await removeDirectory(directory)
    },
  }
})
