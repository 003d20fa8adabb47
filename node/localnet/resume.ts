import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from '../../src/index.ts'
import { lookAtLock } from '../store/directory-lock.ts'
import { Devices } from './devices.ts'
import { keepRunning } from './keep.ts'
import { readState } from './kept-state.ts'
import { LocalNetwork } from './network.ts'
import { Processes } from './processes.ts'
import { Snapshots } from './snapshots.ts'
import { LocalSociety } from './society.ts'
import { untilStopped } from './stopped.ts'

/** Longest wait for nodes whose local network was killed to have ended, and a look's pause, ms. */
const endMsMax = 20_000
const lookMs = 100

/** What is told of a local network that is taken up again. */
export type Resumed = {
  readonly societies: readonly { readonly name: string; readonly id: string }[]
  readonly from: string
}

/** Nodes end with the process that started them; the last of them may still be at it. */
async function untilFree(societies: readonly LocalSociety[]): Promise<void> {
  const end = Date.now() + endMsMax
  for (const { name, directory } of societies) {
    for (;;) {
      const lock = await lookAtLock(directory)
      if (lock.state !== 'held') break
      if (Date.now() > end) {
        const message = `process ${lock.pid} still runs ${name}: is this network kept elsewhere?`
        throw new Failure('directory-in-use', message)
      }
      await pause(lookMs)
    }
  }
}

/**
 * Takes up a local network whose process was killed, in its directory, as it was then, and keeps it
 * running; what it had begun of a revert is finished first. Fails with `malformed` where none was
 * kept there, `directory-in-use` where it still runs.
 */
export async function resumeLocalnet(from: string, json: boolean): Promise<Resumed> {
  const root = resolve(from)
  const { societies: known } = await readState(root)
  const processes = new Processes(known.length)
  const societies = known.map(({ name }) => {
    return new LocalSociety(name, join(root, name), processes)
  })
  const say = (line: string): void => {
    if (!json) process.stdout.write(`${line}\n`)
  }
  const network = new LocalNetwork(root, societies, new Devices(processes))
  const resumed = { societies: known.map(({ name, id }) => ({ name, id })), from: root }
  await untilStopped(processes, async (signal) => {
    await untilFree(societies)
    await new Snapshots(root).finish(say)
    await network.start(await readState(root), say)
    await keepRunning({ network, json: json ? resumed : undefined }, signal)
  })
  await rm(root, { recursive: true, force: true })
  return resumed
}
