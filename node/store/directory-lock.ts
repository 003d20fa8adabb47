import { createHash, randomBytes } from 'node:crypto'
import { realpath, rename, unlink } from 'node:fs/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { Failure } from '../../src/index.ts'
import { nodeFiles } from '../config/directory.ts'
import { createFile, isFileError, readTextFile, replaceFile } from './durable-file.ts'
import { markerBytesMax } from './limits.ts'
import { isRunning, ownIdentity } from './process-identity.ts'

/** The right to work in a node's directory, held by one process at a time. */
export type DirectoryLock = {
  /** The directory, with links resolved. */
  readonly directory: string
  /** Tells in the lock where the node's API answers. */
  setApi(address: string): Promise<void>
  /** Gives the directory back; a second time does nothing. */
  release(): Promise<void>
}

const recordSchema = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  bootId: Type.Union([Type.String(), Type.Null()]),
  startTicks: Type.Union([Type.String(), Type.Null()]),
  startedAt: Type.String(),
  nonce: Type.String(),
  api: Type.Union([Type.String(), Type.Null()]),
})
type LockRecord = Type.Static<typeof recordSchema>

/** A file of the chain of locks whose owner is gone. */
type Stale = { readonly path: string; readonly text: string }

const attemptsMax = 100

function parse(text: string): LockRecord | undefined {
  try {
    const record: unknown = JSON.parse(text)
    return Value.Check(recordSchema, record) ? record : undefined
  } catch {
    return undefined
  }
}

/** Who holds a directory, as its lock tells; `left` by a process that is gone. */
export type LockView =
  | { readonly state: 'free' | 'left' }
  | { readonly state: 'held'; readonly pid: number; readonly startedAt: string }

/** Looks who holds a directory, without taking it. */
export async function lookAtLock(directory: string): Promise<LockView> {
  const text = await readTextFile(nodeFiles(directory).lock, markerBytesMax)
  if (text === undefined) return { state: 'free' }
  const record = parse(text)
  if (record === undefined || !(await isRunning(record))) return { state: 'left' }
  return { state: 'held', pid: record.pid, startedAt: record.startedAt }
}

/** Where a lock is left to be succeeded: only one process can create this file. */
function successorPath(directory: string, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return `${nodeFiles(directory).lock}.after-${digest}`
}

function inUse(directory: string, { pid, startedAt, api }: LockRecord): Failure {
  const at = api === null ? '' : ` and answers at ${api}`
  return new Failure(
    'directory-in-use',
    `Process ${pid} runs a node in ${directory} since ${startedAt}${at}. ` +
      `Stop it (kill ${pid}) or choose another directory with --dir.`,
  )
}

/** Follows the chain from `node.lock` to the first free name; a running owner on it fails. */
async function freeName(
  directory: string,
): Promise<{ readonly path: string; readonly stale: readonly Stale[] }> {
  const stale: Stale[] = []
  let path = nodeFiles(directory).lock
  while (true) {
    const text = await readTextFile(path, markerBytesMax)
    if (text === undefined) return { path, stale }
    // A lock appears whole, so one that cannot be read is a leftover of a power cut.
    const record = parse(text)
    if (record !== undefined && (await isRunning(record))) throw inUse(directory, record)
    stale.push({ path, text })
    path = successorPath(directory, text)
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
  }
}

async function stillThere(stale: readonly Stale[]): Promise<boolean> {
  for (const { path, text } of stale) {
    if ((await readTextFile(path, markerBytesMax)) !== text) return false
  }
  return true
}

/**
 * Takes the lock or the place behind its last dead owner. Invariants:
 * 1. A name is taken by creating it, which one of many does.
 * 2. `node.lock` of a dead owner is replaced only by the owner of the chain's end, in one rename.
 * 3. Names behind it go after that. So who takes a name and then finds the chain as it was before
 *    is its only end; who finds it changed came too late, and begins again.
 */
async function take(directory: string, text: string): Promise<boolean> {
  const { path, stale } = await freeName(directory)
  if (!(await createFile(path, text))) return false
  if (stale.length === 0) return true
  if (!(await stillThere(stale))) {
    await unlinkIfThere(path)
    return false
  }
  await rename(path, nodeFiles(directory).lock)
  for (const { path: old } of stale.slice(1)) await unlinkIfThere(old)
  return true
}

async function existing(directory: string): Promise<string> {
  try {
    return await realpath(directory)
  } catch (cause) {
    throw new Failure(
      'malformed',
      `There is no directory ${directory}; make a node with 'society init --dir ${directory}'.`,
      { cause },
    )
  }
}

/**
 * Locks a node's directory for this process with the file `node.lock`. A lock whose owner is gone
 * (other boot, no such process, or its number used again) is taken over; of several processes that
 * try at once exactly one gets it. A running owner: Failure `directory-in-use`.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const home = await existing(directory)
  const path = nodeFiles(home).lock
  const record: LockRecord = {
    ...(await ownIdentity()),
    startedAt: new Date().toISOString(),
    nonce: randomBytes(8).toString('hex'),
    api: null,
  }
  let text = JSON.stringify(record)
  let attempts = 0
  while (!(await take(home, text))) {
    attempts += 1
    if (attempts === attemptsMax) {
      throw new Failure('directory-in-use', `Too many processes try to start a node in ${home}.`)
    }
  }
  let held = true
  return {
    directory: home,
    async setApi(address) {
      if (!held) return
      text = JSON.stringify({ ...record, api: address })
      await replaceFile(path, text)
    },
    async release() {
      if (!held) return
      held = false
      if ((await readTextFile(path, markerBytesMax)) === text) await unlinkIfThere(path)
    },
  }
}
