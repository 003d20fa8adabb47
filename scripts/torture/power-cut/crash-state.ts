import type { Disk, FileAfterCut, FolderAfterCut, Stroke } from './disk.ts'

/** Files by path, as they are found after a cut. */
export type CrashState = ReadonlyMap<string, Uint8Array>

/**
 * How much of what was not synced survives. Of the names in a folder always a beginning, as
 * journals of file systems (ext4, XFS, btrfs, ZFS) keep their order. LevelDB needs that: it removes
 * the old manifest without having synced that `CURRENT` names the new one.
 */
export type Fate = 'nothing' | 'everything' | 'beginnings' | 'torn' | 'holes'

/** Every fate that a state is made by. */
export const fates: readonly Fate[] = ['nothing', 'everything', 'beginnings', 'torn', 'holes']

/** Bytes that a disk writes as one. */
const sectorBytes = 512
/** Bytes that a file system writes in whatever order it likes. */
const pageBytes = 4_096

type Draw = (end: number) => number

/** Content that strokes are put on, in a buffer that holds them all. */
class Sheet {
  readonly #bytes: Uint8Array
  #length = 0

  constructor(strokes: readonly Stroke[]) {
    const ends = strokes.map((stroke) =>
      stroke.type === 'cut' ? stroke.bytes : stroke.at + stroke.data.length,
    )
    this.#bytes = new Uint8Array(Math.max(0, ...ends))
  }

  get length(): number {
    return this.#length
  }

  get content(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  paint(stroke: Stroke): void {
    if (stroke.type === 'cut') {
      this.#bytes.fill(0, stroke.bytes)
      this.#length = stroke.bytes
      return
    }
    this.#bytes.set(stroke.data, stroke.at)
    this.#length = Math.max(this.#length, stroke.at + stroke.data.length)
  }
}

/** Whether a stroke stays within one sector that is there: the disk writes that or not. */
function isWhole(length: number, stroke: Stroke): boolean {
  if (stroke.type === 'cut') return true
  const end = stroke.at + stroke.data.length
  const sector = (at: number): number => Math.floor(at / sectorBytes)
  return end <= length && sector(stroke.at) === sector(end - 1)
}

/** The file's pages beyond what was there, each of them either written or zero. */
function withHoles(durable: Uint8Array, whole: Uint8Array, draw: Draw): Uint8Array {
  const from = Math.min(durable.length, whole.length)
  const left = whole.slice(0, from + draw(whole.length - from + 1))
  for (let at = from; at < left.length;) {
    const end = Math.min(left.length, at + pageBytes - (at % pageBytes))
    if (draw(3) === 0) left.fill(0, at, end)
    at = end
  }
  return left
}

function contentOf({ strokes, durable }: FileAfterCut, fate: Fate, draw: Draw): Uint8Array {
  const open = strokes.length - durable
  const all = fate === 'everything' || fate === 'holes'
  const isPart = fate === 'beginnings' || fate === 'torn'
  const kept = durable + (all ? open : isPart ? draw(open + 1) : 0)
  const sheet = new Sheet(strokes)
  for (const stroke of strokes.slice(0, durable)) sheet.paint(stroke)
  const synced = sheet.content
  for (const stroke of strokes.slice(durable, kept)) sheet.paint(stroke)
  const next = strokes[kept]
  if (fate === 'torn' && next?.type === 'write' && !isWhole(sheet.length, next)) {
    sheet.paint({ ...next, data: next.data.subarray(0, draw(next.data.length + 1)) })
  }
  const appends = strokes.slice(durable).every((stroke) => !isWhole(synced.length, stroke))
  return fate === 'holes' && appends ? withHoles(synced, sheet.content, draw) : sheet.content
}

function namesOf(
  { namings, durable }: FolderAfterCut,
  fate: Fate,
  draw: Draw,
): FolderAfterCut['namings'] {
  const open = namings.slice(durable)
  const some = open.slice(0, draw(open.length + 1))
  const survive: Record<Fate, FolderAfterCut['namings']> = {
    nothing: [],
    everything: open,
    beginnings: some,
    torn: some,
    holes: open,
  }
  return [...namings.slice(0, durable), ...survive[fate]]
}

/** One of the states that a disk may be found in after a power cut now. */
export function crashState(disk: Disk, fate: Fate, draw: Draw): CrashState {
  const { files, folders } = disk.afterCut()
  const names = new Map<string, object>()
  for (const folder of folders) {
    for (const { path, inode } of namesOf(folder, fate, draw)) {
      if (inode === null) names.delete(path)
      else names.set(path, inode)
    }
  }
  const contents = new Map<object, Uint8Array>()
  for (const inode of new Set(names.values())) {
    const file = files.get(inode)
    if (file !== undefined) contents.set(inode, contentOf(file, fate, draw))
  }
  return new Map(
    [...names].map(([path, inode]) => [path, contents.get(inode) ?? new Uint8Array()] as const),
  )
}
