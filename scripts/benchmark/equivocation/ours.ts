import { setTimeout as pause } from 'node:timers/promises'
import { startNode, type RunningNode } from '../../../node/start.ts'
import { Author, observation, strangerNumbered } from '../author.ts'
import { makeDirectory, removeDirectory } from '../directory.ts'
import { FedReplica } from '../fed-replica.ts'
import { quietLog } from '../quiet-log.ts'

/** Two nodes hold one of two pasts of a liar each; then they meet. */
const seed = new Uint8Array(32).fill(7)
const begin = Date.now() - 3_600_000

async function holding(variant: number): Promise<string> {
  const { directory } = await makeDirectory('honest')
  const fed = await FedReplica.open(directory)
  const liar = new Author(seed)
  await fed.feed([liar.found(begin).frame])
  const record = observation(strangerNumbered(variant), variant + 1)
  await fed.feed([liar.write('trust', [record], begin + 1).frame])
  await fed.close()
  return directory
}

const directories = [await holding(0), await holding(1)]
const nodes: RunningNode[] = []
for (const directory of directories) {
  nodes.push(await startNode({ directory, passphrase: null, log: quietLog }))
}
const [first, second] = nodes
const address = first?.network.addresses()[0]
if (address === undefined || second === undefined) throw new TypeError('nobody to meet')
const startedAt = performance.now()
await second.network.dial(address)
const liarKey = new Author(seed).key
const isFoundOut = (): boolean =>
  nodes.every(({ replica }) => replica.society(liarKey).standing === 'equivocated')
while (!isFoundOut()) await pause(10)
const ms = Math.round(performance.now() - startedAt)
process.send?.(`detected by both nodes ${ms} ms after they met, proved to all, the liar's trust 0`)
await Promise.all(nodes.map((node) => node.close()))
await Promise.all(directories.map(removeDirectory))
process.exit()
