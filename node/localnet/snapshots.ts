import { constants } from 'node:fs'
import { cp, mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Failure } from '../../src/index.ts'
import { isFileError, isThere, readTextFile, replaceFile } from '../store/durable-file.ts'
import { isKeptState, writeState, type KeptState } from './kept-state.ts'
import type { Tell } from './network.ts'

/** Snapshots of one local network at most: each has the size of all its nodes. */
export const snapshotsMax = 16
const snapshotBytesMax = 262_144
const nameForm = /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/
/** What belongs to a process and not to its society: log, address and lock. */
const leftOut: ReadonlySet<string> = new Set(['node.log', 'api', 'node.lock'])

/** A local network as it was. */
export type Snapshot = {
  readonly name: string
  /** When it was taken by the network's clock, in ms since 1970. */
  readonly time: number
  /** The same by the machine's. */
  readonly takenAt: number
  readonly bytes: number
  readonly state: KeptState
}

async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !leftOut.has(entry.name))
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (source) => !leftOut.has(basename(source)),
  })
}

/**
 * Copies of all nodes' directories of a stopped local network, below its own directory.
 *
 * 1. A snapshot is there as a whole or not at all: it gets its name when it is complete.
 * 2. A snapshot never changes.
 * 3. Directories are put back all or none: what was begun is finished before anything starts.
 */
export class Snapshots {
  readonly #root: string
  readonly #place: string

  constructor(root: string) {
    this.#root = root
    this.#place = join(root, 'snapshots')
  }

  #at(name: string): string {
    return join(this.#place, name)
  }

  async #read(name: string): Promise<Snapshot | undefined> {
    const text = await readTextFile(join(this.#at(name), 'snapshot.json'), snapshotBytesMax)
    const snapshot = text === undefined ? undefined : (JSON.parse(text) as Snapshot)
    return snapshot !== undefined && isKeptState(snapshot.state) ? snapshot : undefined
  }

  /** All there are, the oldest first. */
  async list(): Promise<readonly Snapshot[]> {
    const names = await namesIn(this.#place)
    const all = await Promise.all(
      names.filter((name) => nameForm.test(name)).map((name) => this.#read(name)),
    )
    return all
      .filter((snapshot) => snapshot !== undefined)
      .toSorted((a, b) => a.takenAt - b.takenAt)
  }

  /** One by its name, else the newest. Fails with `unknown-reference`. */
  async find(name: string | undefined): Promise<Snapshot> {
    const all = await this.list()
    const found = name === undefined ? all.at(-1) : all.find((each) => each.name === name)
    if (found !== undefined) return found
    const names = all.map((each) => each.name).join(', ')
    const take = "take one with 'society localnet snapshot'"
    const there = all.length === 0 ? take : `there are ${names}`
    const what = name === undefined ? 'yet' : `called ${name}`
    throw new Failure('unknown-reference', `there is no snapshot ${what}: ${there}`)
  }

  /**
   * A name for the next one, as it was given or a free one. Fails with `malformed` for one that is
   * taken or none, `too-large` where there are too many or the disk has no room.
   */
  async nameFor(given: string | undefined, societies: readonly string[]): Promise<string> {
    const all = await this.list()
    const taken = new Set(all.map((each) => each.name))
    if (all.length >= snapshotsMax) {
      const forget = `take one away with 'society localnet forget ${all[0]?.name}'`
      throw new Failure('too-large', `there are ${all.length} snapshots, the most: ${forget}`)
    }
    let number = all.length + 1
    while (taken.has(`snapshot-${number}`)) number += 1
    const name = given ?? `snapshot-${number}`
    if (!nameForm.test(name)) {
      const form = 'a name has up to 32 letters, digits and dashes'
      throw new Failure('malformed', `'${name}' is no name of a snapshot: ${form}`)
    }
    if (taken.has(name)) throw new Failure('malformed', `there is a snapshot ${name} already`)
    await this.#checkRoom(societies.map((each) => join(this.#root, each)))
    return name
  }

  async #checkRoom(directories: readonly string[]): Promise<void> {
    const sizes = await Promise.all(directories.map(bytesIn))
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    const { bavail, bsize } = await statfs(this.#root)
    if (bytes < bavail * bsize) return
    const free = `${megabytes(bavail * bsize)} are free where ${this.#root} is`
    throw new Failure('too-large', `a copy takes ${megabytes(bytes)}, and ${free}`)
  }

  /** Copies the directories of all societies; every node is stopped. */
  async take(name: string, time: number, state: KeptState, tell: Tell): Promise<Snapshot> {
    const partial = this.#at(`.${name}`)
    await rm(partial, { recursive: true, force: true })
    await mkdir(partial, { recursive: true, mode: 0o700 })
    for (const { name: society } of state.societies) {
      tell(`copying ${society} ...`)
      await copy(join(this.#root, society), join(partial, society))
    }
    const bytes = await bytesIn(partial)
    const snapshot = { name, time, takenAt: Date.now(), bytes, state }
    await replaceFile(join(partial, 'snapshot.json'), `${JSON.stringify(snapshot)}\n`)
    await rename(partial, this.#at(name))
    return snapshot
  }

  /** Puts back the directories of all societies; every node is stopped. */
  async putBack({ name, state }: Snapshot, tell: Tell): Promise<void> {
    const fresh = join(this.#root, '.fresh')
    await rm(fresh, { recursive: true, force: true })
    for (const { name: society } of state.societies) {
      tell(`copying ${society} ...`)
      await copy(join(this.#at(name), society), join(fresh, society))
    }
    await replaceFile(this.#mark, `${name}\n`)
    for (const { name: society } of state.societies) {
      const old = join(this.#root, society)
      const next = join(fresh, society)
      await rename(join(old, 'node.log'), join(next, 'node.log')).catch(ifMissing)
      await rm(old, { recursive: true, force: true })
      await rename(next, old)
    }
    await writeState(this.#root, state)
    await rm(this.#mark)
    await rm(fresh, { recursive: true, force: true })
  }

  get #mark(): string {
    return join(this.#root, 'reverting')
  }

  /** Finishes what a killed process had begun: nothing half done is left. */
  async finish(tell: Tell): Promise<void> {
    const names = await namesIn(this.#place)
    for (const name of names.filter((each) => each.startsWith('.'))) {
      await rm(this.#at(name), { recursive: true, force: true })
    }
    if (!(await isThere(this.#mark))) return
    const name = (await readTextFile(this.#mark, snapshotBytesMax))?.trim()
    await this.putBack(await this.find(name), tell)
  }

  /** Takes one away. Fails with `unknown-reference`. */
  async forget(name: string): Promise<Snapshot> {
    const found = await this.find(name)
    const going = this.#at(`.${name}`)
    await rename(this.#at(name), going)
    await rm(going, { recursive: true, force: true })
    return found
  }
}

function ifMissing(error: unknown): void {
  if (!isFileError(error, 'ENOENT')) throw error
}

async function namesIn(place: string): Promise<readonly string[]> {
  try {
    return await readdir(place)
  } catch (error) {
    ifMissing(error)
    return []
  }
}

const bytesOfMegabyte = 1_000_000

/** Bytes as people read them. */
export function megabytes(bytes: number): string {
  return `${(bytes / bytesOfMegabyte).toFixed(1)} MB`
}
