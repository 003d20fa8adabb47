import { keyOfActor, ownerOfActor } from '../protocol/index.ts'
import type { FrontierEntry, SocietyKey } from '../protocol/index.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Membership } from './membership/membership.ts'
import type { Log, PeerName, Store } from './ports.ts'

/** The store says so while what it holds may be older than what its society has signed. */
const restoredKey = 'z/restored'

/**
 * Notes in a store that it came from a backup. Its node signs nothing until it has heard from every
 * other member what it signed since.
 */
export async function markRestored(store: Store): Promise<void> {
  await store.write([{ key: restoredKey, value: new Uint8Array(1) }], { sync: true })
}

/** What a restored node needs to find out where it stood. */
export type RestorationParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly membership: () => Membership
  readonly log: Log
  /** It may sign again. */
  readonly done: () => Promise<void>
}

/**
 * A node that was restored from a backup must not sign at a place where it has signed before. It
 * asks for its own chain like for any other, and waits until a node of every other member that it
 * knows of has shown nothing newer; or until its operator says that nobody has anything newer.
 *
 * What it has signed as a witness is in no chain of its own: it waits as well until it holds what
 * these have shown of whom it may be a witness of. Whatever it acknowledged, another honest witness
 * did too where that was enough, and holds.
 */
export class Restoration {
  readonly #parts: RestorationParts
  /** By member: what its node has shown last that was not here. */
  readonly #heard: Map<SocietyKey, readonly FrontierEntry[]> = new Map()
  #pending = false

  constructor(parts: RestorationParts) {
    this.#parts = parts
  }

  /** Reads whether the store came from a backup. */
  async load(): Promise<void> {
    this.#pending = (await this.#parts.store.get(restoredKey)) !== undefined
  }

  /** Whether the node has still to find out where it stood. */
  get pending(): boolean {
    return this.#pending
  }

  /** A peer has shown of which documents it has more than this node. */
  heard(peer: PeerName, ahead: readonly FrontierEntry[]): void {
    if (!this.#pending) return
    const { self } = this.#parts.ledger
    const isAhead = ahead.some(({ actor }) => ownerOfActor(actor)?.key === self)
    const society = this.#parts.membership().societyOfPeer.get(peer)
    if (society === undefined) return
    if (isAhead) this.#heard.clear()
    else this.#heard.set(society, ahead)
    this.look()
  }

  /** Something has come, or been heard: perhaps it may sign again. */
  look(): void {
    if (!this.#pending) return
    this.#resumeIfDue().catch((error: unknown) => {
      // The store is closed, or damaged, which it tells by itself.
      this.#parts.log.info('restored-look-failed', { error: String(error) })
    })
  }

  async #resumeIfDue(): Promise<void> {
    const { ledger, membership } = this.#parts
    const others = [...membership().members].filter(
      (member) => member !== ledger.self && ledger.held.has('trust', member),
    )
    if (others.length === 0 || others.some((member) => !this.#heard.has(member))) return
    for (const entry of [...this.#heard.values()].flat()) {
      if (this.#isWitnessed(entry) && !(await this.#isHere(entry))) return
    }
    await this.resume()
  }

  /** Whether this node may have signed something of a document: a trust document tells of whom. */
  #isWitnessed({ actor }: FrontierEntry): boolean {
    const { self, held } = this.#parts.ledger
    const owner = ownerOfActor(actor)
    if (owner?.kind !== 'pool') return owner !== undefined
    const { appointments } = held.trust(owner.key)
    return appointments.some(({ witnesses }) => witnesses.includes(self))
  }

  async #isHere({ actor, ...place }: FrontierEntry): Promise<boolean> {
    const { forks, index } = this.#parts.ledger
    return forks.convicted(keyOfActor(actor)) || index.holds(actor, place)
  }

  /** Signs again: nobody has anything newer, or the operator says so. */
  async resume(): Promise<void> {
    if (!this.#pending) return
    this.#pending = false
    await this.#parts.ledger.note([{ key: restoredKey }])
    try {
      await this.#parts.done()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#parts.log.error('resume-failed', { message })
    }
  }
}
