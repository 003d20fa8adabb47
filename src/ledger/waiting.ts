import type { ChangesFrame } from '../../protocol/index.ts'
import { waitingBytesMax, waitingFramesMax } from '../limits.ts'
import type { PeerName } from '../ports.ts'

/** A frame that cannot be judged yet, and who sent it. */
export type Waiting = {
  readonly frame: ChangesFrame
  readonly from: PeerName | null
  /** Whether it is a member's, or a member's waits until it is judged. */
  readonly forMember: boolean
}

const sizeOf = (frame: ChangesFrame): number =>
  frame.changes.reduce((sum, change) => sum + change.length, 0)

/** Whether two frames carry as many changes under one signature, and so the same ones. */
function isSame(a: ChangesFrame, b: ChangesFrame): boolean {
  if (a.actor !== b.actor || a.changes.length !== b.changes.length) return false
  return a.signature.every((byte, at) => byte === b.signature[at])
}

/**
 * Frames that wait for a change they follow or name, by its hash. Bounded in number and bytes: the
 * oldest give way, for sync brings them again.
 */
export class WaitingRoom {
  readonly #byHash: Map<string, Waiting[]> = new Map()
  #frames = 0
  #turn = 0
  #bytes = 0

  /** Frames that wait at present. */
  get size(): number {
    return this.#frames
  }

  /** Bytes of their changes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Lets a frame wait for a change. */
  add(hash: string, waiting: Waiting): void {
    const list = this.#byHash.get(hash) ?? []
    // Until it can be judged, each exchange brings it again.
    if (list.some(({ frame }) => isSame(frame, waiting.frame))) return
    list.push(waiting)
    this.#byHash.set(hash, list)
    this.#frames += 1
    this.#bytes += sizeOf(waiting.frame)
    while (this.#frames > waitingFramesMax || this.#bytes > waitingBytesMax) this.#dropOldest()
  }

  /** Whether anything waits for a change. */
  has(hash: string): boolean {
    return this.#byHash.has(hash)
  }

  /** Whether a member's frame waits for a change, or one that has to be judged before it. */
  isWanted(hash: string): boolean {
    return this.#byHash.get(hash)?.some(({ forMember }) => forMember) === true
  }

  /**
   * Hashes that are waited for: each time others, until all had their turn. Somebody may have made
   * many up, and what nobody has must not keep what is to be had from being asked for.
   */
  missing(countMax: number): readonly string[] {
    const all = [...this.#byHash.keys()]
    if (all.length <= countMax) return all
    const from = this.#turn % all.length
    this.#turn = (from + countMax) % all.length
    return [...all.slice(from), ...all.slice(0, from)].slice(0, countMax)
  }

  /** Takes out what waited for a change that is here now. */
  take(hash: string): readonly Waiting[] {
    const list = this.#byHash.get(hash) ?? []
    this.#byHash.delete(hash)
    this.#forget(list)
    return list
  }

  #forget(list: readonly Waiting[]): void {
    this.#frames -= list.length
    for (const { frame } of list) this.#bytes -= sizeOf(frame)
  }

  #dropOldest(): void {
    for (const [hash, list] of this.#byHash) {
      this.#byHash.delete(hash)
      this.#forget(list)
      return
    }
  }
}
