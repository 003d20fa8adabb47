import { startNode } from '../../../node/start.ts'
import { didOf } from '../../../protocol/index.ts'
import { strangerNumbered } from '../author.ts'
import { makeDirectory, removeDirectory } from '../directory.ts'
import { paced, sharedNow, type FleetQuestion, type Sightings } from '../fleet.ts'
import { quietLog } from '../quiet-log.ts'
import { answerEach } from '../workers.ts'

/** Callers of a burst. */
const callers = 64

type Told = {
  readonly bootstrap: readonly string[]
  readonly number: number
  readonly history: number
}

const { bootstrap, number, history } = JSON.parse(process.argv[2] ?? '{}') as Told
const { directory } = await makeDirectory(`fleet-${number}`, bootstrap)
const node = await startNode({
  directory,
  passphrase: null,
  log: quietLog,
})
const { replica, network } = node
let seen: [string, number][] = []
replica.events.listen(({ type, data }) => {
  if (type === 'record' && data['kind'] === 'trust.observe') {
    seen.push([String(data['id']), sharedNow()])
  }
})
let written = 0
const subject = didOf(strangerNumbered(1))

const write = (): Promise<string> =>
  replica.write('trust.observe', { subject, success: true, note: `delivery ${written++}` })
// The first writes: what it wrote before is the history of all.
if (number === 0) await paced(history, 0, callers, write)

async function answer(question: FleetQuestion): Promise<Sightings> {
  if (question.type === 'seen') {
    const told = seen
    seen = []
    return told
  }
  const { count, perSecond } = question
  return paced(count, perSecond, callers, write)
}

answerEach(
  (question) => answer(question as FleetQuestion),
  async () => {
    await node.close()
    await removeDirectory(directory)
  },
)
process.send?.(network.addresses()[0] ?? '')
