import { dirname } from 'node:path'
import type { Timed } from './trace.ts'

/** A change of a file's content. */
export type Stroke =
  | { readonly type: 'write'; readonly at: number; readonly data: Uint8Array }
  | { readonly type: 'cut'; readonly bytes: number }

/** Content that names lead to: what was done to it, and how much of that is on disk for certain. */
type Inode = {
  readonly strokes: { readonly stroke: Stroke; readonly ended: bigint }[]
  durable: number
}

/** A change of the names in a folder: to a new content, or gone. */
type Naming = { readonly path: string; readonly inode: Inode | null; readonly ended: bigint }
type Folder = { readonly namings: Naming[]; durable: number }

/** What may, and what must, be found of one file after a power cut. */
export type FileAfterCut = {
  readonly strokes: readonly Stroke[]
  /** So many of them, from the first, are on disk for certain. */
  readonly durable: number
}

/** What may, and what must, be found in one folder. */
export type FolderAfterCut = {
  readonly namings: readonly { readonly path: string; readonly inode: object | null }[]
  readonly durable: number
}

/**
 * A disk as POSIX promises it: what was synced is there, and of all else any part. Follows the
 * deeds of a process below one folder.
 */
export class Disk {
  readonly #root: string
  readonly #names: Map<string, Inode> = new Map()
  readonly #folders: Map<string, Folder> = new Map()
  readonly #places: Map<string, number> = new Map()
  /** Number of the newest synced batch that was answered. */
  answered = 0

  constructor(root: string) {
    this.#root = root
  }

  /** Takes notice of the next deed; false where it is of no concern here. */
  follow({ deed, began, ended }: Timed): boolean {
    if (deed.type === 'say') {
      const numbers = [...deed.text.matchAll(/answered (\d+)/g)].map((match) => Number(match[1]))
      this.answered = Math.max(this.answered, ...numbers)
      return numbers.length > 0
    }
    const path = 'path' in deed ? deed.path : deed.to
    if (!path.startsWith(this.#root)) return false
    switch (deed.type) {
      case 'open':
        return this.#open(path, deed.isNew, ended)
      case 'write':
        this.#write(path, deed.at, deed.data, ended)
        return true
      case 'cut':
        this.#names.get(path)?.strokes.push({ stroke: { type: 'cut', bytes: deed.bytes }, ended })
        return true
      case 'sync':
        this.#sync(path, began)
        return true
      case 'unlink':
        this.#name(path, null, ended)
        return true
      default: {
        if (deed.type === 'rename' && this.#folders.has(deed.from)) {
          this.#moveFolder(deed.from, path)
          return true
        }
        const inode = this.#names.get(deed.from) ?? null
        this.#name(path, inode, ended)
        if (deed.type === 'rename') this.#name(deed.from, null, ended)
        return true
      }
    }
  }

  /** What a cut at this moment leaves open. */
  afterCut(): {
    readonly files: ReadonlyMap<object, FileAfterCut>
    readonly folders: readonly FolderAfterCut[]
  } {
    const files = new Map<object, FileAfterCut>()
    for (const { namings } of this.#folders.values()) {
      for (const { inode } of namings) {
        if (inode === null || files.has(inode)) continue
        const { strokes, durable } = inode
        files.set(inode, { strokes: strokes.map(({ stroke }) => stroke), durable })
      }
    }
    const folders = [...this.#folders.values()].map(({ namings, durable }) => ({
      namings: [...namings],
      durable,
    }))
    return { files, folders }
  }

  /** Takes a folder's new name for durable at once: the store does nothing before it is. */
  #moveFolder(from: string, to: string): void {
    const moved = this.#folders.get(from)
    if (moved === undefined) return
    const pathOf = (path: string): string => to + path.slice(from.length)
    this.#folders.delete(from)
    const namings = moved.namings.map((naming) => ({ ...naming, path: pathOf(naming.path) }))
    this.#folders.set(to, { namings, durable: moved.durable })
    const within = [...this.#names].filter(([path]) => dirname(path) === from)
    for (const [path, inode] of within) {
      this.#names.delete(path)
      this.#names.set(pathOf(path), inode)
    }
  }

  #open(path: string, isNew: boolean, ended: bigint): boolean {
    this.#places.set(path, 0)
    const inode = this.#names.get(path)
    if (inode === undefined) this.#name(path, { strokes: [], durable: 0 }, ended)
    else if (isNew) inode.strokes.push({ stroke: { type: 'cut', bytes: 0 }, ended })
    return inode === undefined || isNew
  }

  #write(path: string, at: number | null, data: Uint8Array, ended: bigint): void {
    const place = at ?? this.#places.get(path) ?? 0
    if (at === null) this.#places.set(path, place + data.length)
    this.#names.get(path)?.strokes.push({ stroke: { type: 'write', at: place, data }, ended })
  }

  #name(path: string, inode: Inode | null, ended: bigint): void {
    if (inode === null) this.#names.delete(path)
    else this.#names.set(path, inode)
    const folder = this.#folders.get(dirname(path)) ?? { namings: [], durable: 0 }
    folder.namings.push({ path, inode, ended })
    this.#folders.set(dirname(path), folder)
  }

  /** A sync answers for what had ended when it began. */
  #sync(path: string, began: bigint): void {
    const inode = this.#names.get(path)
    const folder = this.#folders.get(path)
    const before = (list: readonly { readonly ended: bigint }[]): number =>
      list.filter(({ ended }) => ended <= began).length
    if (inode !== undefined) inode.durable = Math.max(inode.durable, before(inode.strokes))
    if (folder !== undefined) folder.durable = Math.max(folder.durable, before(folder.namings))
  }
}
