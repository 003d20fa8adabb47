/**
 * The node in the directory given, as `society start` runs it. Prints `seen ID` for each record of
 * others, and twice a second `health MS BYTES`: the longest stall of its event loop since the last
 * such line, and its memory.
 */
import { writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startNode } from '../../../node/start.ts'

const lookMs = 500
const nanosInMs = 1_000_000
const [, , directory = ''] = process.argv
const node = await startNode({ directory, passphrase: null })
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
node.replica.events.listen(({ data }) => {
  if (data['name'] === 'honest') writeSync(1, `seen ${String(data['id'])}\n`)
})
const timer = setInterval(() => {
  const stall = delay.max / nanosInMs
  delay.reset()
  writeSync(1, `health ${stall.toFixed(1)} ${process.memoryUsage().rss}\n`)
}, lookMs)
process.once('SIGTERM', () => void node.close())
await node.closed
clearInterval(timer)
