import { readFile } from 'node:fs/promises'
import { isFileError } from './durable-file.ts'

/** Which process it is, beyond a number that is used again. Null: this system does not tell. */
export type ProcessIdentity = {
  readonly pid: number
  /** Changes with every start of the machine. */
  readonly bootId: string | null
  /** When the process started, in clock ticks since the machine did. */
  readonly startTicks: string | null
}

async function bootId(): Promise<string | null> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch {
    return null
  }
}

/** State letter and start of a process; null where there is no such process or no /proc. */
async function statusOf(
  pid: number,
): Promise<{ readonly state: string; readonly startTicks: string } | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may contain anything; after it come fields 3 (state) to 22 (start).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0]!, startTicks: fields[19]! }
  } catch {
    return null
  }
}

/** The identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const status = await statusOf(process.pid)
  return { pid: process.pid, bootId: await bootId(), startTicks: status?.startTicks ?? null }
}

/**
 * Whether a process still runs: same boot, and the number belongs to one that started when it did.
 * Where the system does not tell enough, a process with the number counts as running.
 */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const boot = await bootId()
  if (boot !== null && identity.bootId !== null && boot !== identity.bootId) return false
  try {
    process.kill(identity.pid, 0)
  } catch (error) {
    // EPERM: it runs, as another user.
    if (!isFileError(error, 'EPERM')) return false
  }
  const status = await statusOf(identity.pid)
  if (status === null) return true
  // Killed, and its parent has not asked for its exit code yet.
  if (status.state === 'Z' || status.state === 'X') return false
  return identity.startTicks === null || status.startTicks === identity.startTicks
}
