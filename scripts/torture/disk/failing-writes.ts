import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { lockDirectory } from '../../../node/store/directory-lock.ts'
import { openLevelStore } from '../../../node/store/level-store.ts'
import { Failure } from '../../../src/index.ts'
import { wrongIn } from '../power-cut/load.ts'
import { scratch } from '../scratch.ts'

/** What became of one fault. */
export type Outcome = {
  readonly fault: string
  /** `noticed`, `without effect`, or what went wrong. */
  readonly outcome: string
}

const writer = join(import.meta.dirname, 'write-until-refused.ts')
const filesNumbered = 60
/** What the writer writes where nothing fails. */
const batchesWritten = 400

/** Errors that a system call may end with, and how often it succeeds before. */
const injected = [
  { call: 'fdatasync', error: 'EIO' },
  { call: 'fsync', error: 'EIO' },
  { call: 'write', error: 'ENOSPC' },
  { call: 'write', error: 'EIO' },
  { call: 'openat', error: 'ENOSPC' },
  { call: 'rename', error: 'EIO' },
] as const

/** All names that the store may use: faults are for these files alone. */
function pathsOf(home: string): readonly string[] {
  const numbers = Array.from({ length: filesNumbered }, (_, at) => String(at + 1).padStart(6, '0'))
  const store = join(home, 'store')
  const files = numbers.flatMap((number) => [`${number}.log`, `${number}.ldb`, `${number}.dbtmp`])
  const manifests = numbers.map((number) => `MANIFEST-${number}`)
  const all = [...files, ...manifests, 'CURRENT'].map((name) => join(store, name))
  return [...all, store, join(home, 'store.mark')]
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = text(child.stderr)
  const closed = once(child, 'close')
  const stdout = await text(child.stdout)
  await closed
  return stdout === '' ? await said : stdout
}

type Command = { readonly command: string; readonly args: readonly string[] }

/** Runs the writer with a fault, opens what it left, and compares with what was answered. */
async function suffer(
  fault: string,
  run: (home: string) => Command | Promise<Command>,
  answeredBefore = 0,
): Promise<Outcome> {
  const home = await realpath(await mkdtemp(join(scratch, 'society-fault-')))
  try {
    const { command, args } = await run(home)
    const said = await output(command, args)
    let told: { readonly answered: number; readonly codes: readonly string[] }
    try {
      told = JSON.parse(said)
    } catch {
      return { fault, outcome: `the writer said ${said.slice(0, 300)}` }
    }
    const strange = told.codes.find((code) => code !== 'store-damaged')
    if (strange !== undefined) return { fault, outcome: `failed with ${strange}` }
    const wrong = await wrongAfter(home, Math.max(told.answered, answeredBefore))
    if (wrong !== undefined) return { fault, outcome: wrong }
    return { fault, outcome: told.codes.length > 0 ? 'noticed' : 'without effect' }
  } finally {
    await rm(home, { recursive: true })
  }
}

async function wrongAfter(home: string, answered: number): Promise<string | undefined> {
  const lock = await lockDirectory(home)
  try {
    const store = await openLevelStore(home, { lock, create: answered === 0 })
    const wrong = await wrongIn(store, answered)
    await store.close()
    return wrong
  } catch (error) {
    // Whatever was answered must be there: to name the damage is not enough, nothing was damaged.
    return error instanceof Failure ? `${error.code}: ${error.message}` : String(error)
  } finally {
    await lock.release()
  }
}

/** A limit on the size of files, which fails writes as a full disk does. */
export function fullDisk(kibibytes: number): Promise<Outcome> {
  const script = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" "$1" "$2"`
  return suffer(`no file over ${kibibytes} KiB`, (home) => ({
    command: 'bash',
    args: ['-c', script, process.execPath, writer, home],
  }))
}

/** The writer under strace, with one call on these files that fails. */
function traced(call: string, inject: string, paths: readonly string[], home: string): Command {
  return {
    command: 'strace',
    args: ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${inject}`].concat(
      paths.flatMap((path) => ['-P', path]),
      [process.execPath, writer, home],
    ),
  }
}

/** A system call on the store's files that fails once, by strace. */
export function failingCall(number: number): Promise<Outcome> {
  const { call, error } = injected[number % injected.length] ?? injected[0]
  const when = 2 + Math.floor(number / injected.length) * 5
  const inject = `${call}:error=${error}:when=${when}`
  return suffer(`${call} ${when}: ${error}`, (home) => traced(call, inject, pathsOf(home), home))
}

/** A log that cannot be opened once as a store is opened that holds all that was written. */
export function unopenedLog(number: number): Promise<Outcome> {
  const when = 1 + number
  const run = async (home: string): Promise<Command> => {
    await output(process.execPath, [writer, home])
    const store = join(home, 'store')
    const logs = (await readdir(store)).filter((name) => name.endsWith('.log'))
    const paths = logs.map((name) => join(store, name))
    const { command, args } = traced('openat', `openat:error=EMFILE:when=${when}`, paths, home)
    // strace counts the calls of each thread: all of them in one.
    return { command: 'env', args: ['UV_THREADPOOL_SIZE=1', command, ...args] }
  }
  return suffer(`opening of a log ${when}: EMFILE`, run, batchesWritten)
}
