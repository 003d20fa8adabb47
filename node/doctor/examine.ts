import type { Client } from '../client/index.ts'
import { version } from '../version.ts'
import type { Check, Found } from './check.ts'
import { checks } from './checks.ts'
import { directoryFacts } from './directory-facts.ts'
import { factOf } from './fact.ts'
import { nodeMsMax } from './limits.ts'
import type { Facts, NodeFacts } from './facts.ts'
import { machineFacts } from './machine-facts.ts'

/** What a check came to. */
export type Finding = Pick<Check, 'code' | 'asks' | 'mend'> & Found

/** What the doctor says: every check with what was found, and how many are in each state. */
export type Diagnosis = {
  readonly well: number
  readonly ill: number
  readonly unknown: number
  readonly checks: readonly Finding[]
}

async function nodeFacts(client: Client): Promise<NodeFacts> {
  const [status, peers, sources, clock, vitals, checkpoints] = await Promise.all([
    client.call('getStatus'),
    client.call('listPeers'),
    client.call('listSources'),
    client.call('getClock'),
    client.call('getVitals'),
    client.call('getCheckpoints'),
  ])
  return { status, peers, sources, clock, vitals, checkpoints }
}

/** Gathers what checks look at, of a node's directory, its machine, and the node if it runs. */
export async function gather(directory: string, client: () => Promise<Client>): Promise<Facts> {
  const found = await directoryFacts(directory)
  const lock = 'value' in found.lock ? found.lock.value : undefined
  const pid = lock?.state === 'held' ? lock.pid : undefined
  const machineNow = Date.now()
  const { config, directory: place } = found
  const aheadSeconds = 'value' in config ? config.value.clock.aheadSeconds : 0
  return {
    now: machineNow + aheadSeconds * 1_000,
    machineNow,
    version,
    directory: found,
    machine: await machineFacts(directory, found, { pid }),
    node:
      'value' in place
        ? await factOf(client().then((each) => nodeFacts(each.within(nodeMsMax))))
        : place,
  }
}

/** Judges what was gathered, by every check of the table. */
export function diagnose(facts: Facts): Diagnosis {
  const found = checks.map(({ code, asks, mend, look }) => ({ code, asks, mend, ...look(facts) }))
  const count = (state: Found['state']): number =>
    found.filter((finding) => finding.state === state).length
  return { well: count('well'), ill: count('ill'), unknown: count('unknown'), checks: found }
}
