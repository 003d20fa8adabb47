/**
 * The node in the directory given, as `society start` runs it, told what to do by lines on stdin:
 * `write` writes a record. Prints `ready ADDRESS`, `wrote ID`, `seen ID` for each record of any
 * society, and `heads DIGEST` whenever what it holds has changed.
 */
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { startNode } from '../../../node/start.ts'
import { silentLog } from '../../../node/silent-log.ts'

const lookMs = 100
const [, , directory = ''] = process.argv
const say = (line: string): void => void writeSync(1, `${line}\n`)
const node = await startNode({ directory, passphrase: null, log: silentLog })
node.replica.events.listen(({ data }) => say(`seen ${String(data['id'])}`))

const me = node.replica.society().id

async function write(): Promise<void> {
  const heads = node.replica.documentHeads()
  const subject = heads.find(({ society }) => society !== me)?.name
  const id = await node.replica.write('trust.observe', { subject, success: true })
  say(`wrote ${id}`)
}

createInterface({ input: process.stdin }).on('line', () => {
  write().catch((error: unknown) => say(`refused ${String(error)}`))
})
let shown = ''
setInterval(() => {
  const heads = JSON.stringify(node.replica.documentHeads())
  const digest = createHash('sha256').update(heads).digest('hex').slice(0, 16)
  if (digest !== shown) say(`heads ${digest}`)
  shown = digest
}, lookMs)
say(`ready ${node.network.addresses()[0] ?? ''}`)
