import { open, readFile, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../src/index.ts'
import { TimeServers } from '../clock/time-servers.ts'
import type { Config } from '../config/config.ts'
import { holderIn, isTaken, listeningOf } from '../port-in-use.ts'
import { systemClock, systemRandom } from '../system-clock.ts'
import { factOf, type Fact } from './fact.ts'
import type { DirectoryFacts, MachineFacts } from './facts.ts'
import { lookMsMax } from './limits.ts'
import { silentLog } from '../silent-log.ts'

async function freeDiskBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** Writes a small file durably beside the store, and removes it. */
async function syncMs(directory: string): Promise<number> {
  const path = join(directory, `.doctor.${process.pid}`)
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(new Uint8Array(4_096))
    const began = performance.now()
    await handle.sync()
    return Math.round(performance.now() - began)
  } finally {
    await handle.close()
    await unlink(path)
  }
}

async function fieldOf(path: string, pattern: RegExp): Promise<number> {
  const [, value] = pattern.exec(await readFile(path, 'utf8')) ?? []
  if (value === undefined) throw new Failure('unsupported-version', 'this system does not tell')
  return value === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(value)
}

/** Of the process that holds the directory, else of this one. */
const openFilesMax = (pid: number): Promise<number> =>
  fieldOf(`/proc/${pid}/limits`, /^Max open files +(\w+)/m)

const freeMemoryBytes = async (): Promise<number> =>
  1_024 * (await fieldOf('/proc/meminfo', /^MemAvailable: +(\d+) kB/m))

async function portsTaken(config: Config): Promise<readonly string[]> {
  const listening = listeningOf(config)
  const taken = await Promise.all(listening.map(isTaken))
  return Promise.all(listening.filter((_place, i) => taken[i]).map(holderIn))
}

async function serversOffsetMs({ clock: { sntp } }: Config): Promise<number | null> {
  if (sntp.length === 0) return null
  const servers = new TimeServers({
    servers: sntp,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    agreed: () => {},
    waitMs: lookMsMax,
  })
  const offset = await servers.ask()
  if (offset !== undefined) return offset.offsetMs
  throw new Failure('source-unavailable', 'none agree, or none answer')
}

/** How the node that holds a directory is to be looked at. */
export type Running = {
  /** Its process, where one holds the directory. */
  readonly pid: number | undefined
}

/** Looks at the machine: writes one small file and asks the time servers that are named. */
export async function machineFacts(
  directory: string,
  { directory: place, config }: Pick<DirectoryFacts, 'directory' | 'config'>,
  { pid }: Running,
): Promise<MachineFacts> {
  const ofConfig = async <T>(look: (config: Config) => Promise<T>): Promise<Fact<T>> =>
    'value' in config ? factOf(look(config.value)) : config
  const beside = async (look: typeof syncMs): Promise<Fact<number>> =>
    'value' in place ? factOf(look(directory)) : place
  return {
    nodeVersion: process.versions.node,
    freeDiskBytes: await beside(freeDiskBytes),
    syncMs: await beside(syncMs),
    freeMemoryBytes: await factOf(freeMemoryBytes()),
    openFilesMax: await factOf(openFilesMax(pid ?? process.pid)),
    // The node that runs has them itself.
    portsTaken: pid === undefined ? await ofConfig(portsTaken) : { value: [] },
    serversOffsetMs: await ofConfig(serversOffsetMs),
  }
}
