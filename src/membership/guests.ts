import { actorOf, type SocietyKey } from '../../protocol/index.ts'
import type { Heads } from '../heads.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Naming } from '../ledger/namings.ts'
import { guestAwayMs, guestPlacesFree, guestsAwayMax, guestsMax, guestStayMs } from '../limits.ts'
import type { GuestPlaces, Membership } from './membership.ts'
import type { Clock, Log } from '../ports.ts'

/** A society that is no member, as who makes room is chosen by. */
export type Guest = {
  readonly society: SocietyKey
  /** When it was taken, and when it gave its last sign of life, in ms. */
  readonly since: number
  readonly heard: number
  /** Whether it has what only members have: it was one. */
  readonly wasMember: boolean
}

/** What choosing who makes room looks at. */
export type Crowd = {
  readonly guests: readonly Guest[]
  readonly isMember: (society: SocietyKey) => boolean
  /** Whose records name a society, and how. */
  readonly namedBy: (society: SocietyKey) => ReadonlyMap<SocietyKey, Naming>
}

/**
 * Guests that stay whatever happens: who was a member, whom a member's record names, and whom the
 * records of those need.
 */
export function keptOf({ guests, isMember, namedBy }: Crowd): ReadonlySet<SocietyKey> {
  const kept = new Set<SocietyKey>()
  const isHeldBy = (society: SocietyKey): boolean =>
    [...namedBy(society)].some(
      ([author, naming]) =>
        isMember(author) || author === society || (naming === 'needed' && kept.has(author)),
    )
  for (let before = -1; before < kept.size;) {
    before = kept.size
    for (const { society, wasMember } of guests) {
      if (wasMember || isHeldBy(society)) kept.add(society)
    }
  }
  return kept
}

/**
 * Who makes room for a number of newcomers: of the guests that have been here long enough those
 * silent for longest, each with the guests whose records need it, however new these are; for a
 * record is judged by what it names, and who stays must be judged alike wherever it is held.
 */
export function leavingOf(crowd: Crowd, count: number, now: number): readonly SocietyKey[] {
  const kept = keptOf(crowd)
  const here = new Set(crowd.guests.map(({ society }) => society))
  const leaving = new Set<SocietyKey>()
  const idle = crowd.guests
    .filter(({ society, since }) => !kept.has(society) && Math.abs(now - since) >= guestStayMs)
    .toSorted((a, b) => a.heard - b.heard || (a.society < b.society ? -1 : 1))
  for (const { society } of idle) {
    if (leaving.size >= count) break
    const queue = [society]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (leaving.has(next)) continue
      leaving.add(next)
      for (const [author, naming] of crowd.namedBy(next)) {
        if (naming === 'needed' && here.has(author)) queue.push(author)
      }
    }
  }
  return [...leaving]
}

/** What following guests needs of the node. */
export type GuestsParts = {
  readonly ledger: Ledger
  readonly heads: () => Pick<Heads, 'forget'>
  readonly clock: Clock
  readonly log: Log
  readonly membership: () => Membership
  /** Some have made room: they are not held any more. */
  readonly onGone: () => void
}

/** How many guests are held, as of a membership and what was held by then. */
type Counted = {
  readonly of: string
  readonly by: Membership
  readonly places: number
  readonly kept: number
}

type Seen = { readonly since: number; readonly heard: number }

/**
 * Societies that are no members and whose documents are held all the same, in a limited number of
 * places. Invariants: whom a member's record names needs no place, and stays; the others make room
 * for newcomers when the places are nearly used up; who made room is not taken back for a while, or
 * nodes that hold others would bring it back at once.
 */
export class Guests implements GuestPlaces {
  readonly #parts: GuestsParts
  readonly #seen: Map<SocietyKey, Seen> = new Map()
  readonly #away: Map<SocietyKey, number> = new Map()
  readonly #startedAt: number
  #counted: Counted | undefined
  #isLooking = false

  constructor(parts: GuestsParts) {
    this.#parts = parts
    this.#startedAt = parts.clock.now()
  }

  /** A guest gave a sign of life: something new of it was taken. */
  heard(society: SocietyKey): void {
    const { clock, membership } = this.#parts
    if (membership().members.has(society) || !this.has(society)) return
    const now = clock.now()
    this.#seen.set(society, { since: this.#seen.get(society)?.since ?? now, heard: now })
  }

  /** Whether a society that is no member stays because a member's record names it. */
  isKept(society: SocietyKey): boolean {
    return keptOf(this.#crowd()).has(society)
  }

  /** Whether anything of a society is held. */
  has(society: SocietyKey): boolean {
    return this.#parts.ledger.held.has('trust', society)
  }

  /** Whether a society made room lately. */
  isAway(society: SocietyKey): boolean {
    const since = this.#away.get(society)
    return since !== undefined && Math.abs(this.#parts.clock.now() - since) < guestAwayMs
  }

  /** Places that are used. */
  get count(): number {
    return this.#count().places
  }

  /** Guests that stay and need no place. */
  get kept(): number {
    return this.#count().kept
  }

  #count(): Counted {
    const { ledger, membership } = this.#parts
    const by = membership()
    const of = `${ledger.held.societyCount} ${ledger.namings.version}`
    if (this.#counted?.of === of && this.#counted.by === by) return this.#counted
    const crowd = this.#crowd()
    const kept = keptOf(crowd).size
    this.#counted = { of, by, places: crowd.guests.length - kept, kept }
    return this.#counted
  }

  /** Whether no place is left. */
  get isFull(): boolean {
    return this.count >= guestsMax
  }

  #crowd(): Crowd {
    const { ledger, membership } = this.#parts
    const { members } = membership()
    const { held, namings } = ledger
    const guests: Guest[] = []
    for (const society of held.societies()) {
      if (members.has(society)) continue
      const wasMember = held.poolIfHeld(society) !== undefined
      const seen = this.#seen.get(society) ?? { since: this.#startedAt, heard: this.#startedAt }
      guests.push({ society, wasMember, ...seen })
    }
    return {
      guests,
      isMember: (society) => members.has(society),
      namedBy: (society) => namings.of(society),
    }
  }

  /** Has guests make room where places are nearly used up. */
  look(): void {
    if (this.#isLooking || this.count <= guestsMax - guestPlacesFree) return
    this.#isLooking = true
    void this.#makeRoom().finally(() => (this.#isLooking = false))
  }

  async #makeRoom(): Promise<void> {
    const { ledger, heads, clock, log, onGone } = this.#parts
    const gone = await ledger.evict(() => {
      const surplus = this.count - (guestsMax - guestPlacesFree)
      return surplus > 0 ? leavingOf(this.#crowd(), surplus, clock.now()) : []
    })
    if (gone.length === 0) return
    for (const society of gone) {
      this.#seen.delete(society)
      this.#away.delete(society)
      this.#away.set(society, clock.now())
      heads().forget(actorOf('trust', society))
    }
    for (const society of this.#away.keys()) {
      if (this.#away.size <= guestsAwayMax) break
      this.#away.delete(society)
    }
    log.info('guests-made-room', { count: gone.length })
    onGone()
  }
}
