import {
  actorOf,
  keyOfActor,
  societiesOfChange,
  type Actor,
  type ReadChange,
  type SocietyKey,
} from '../../protocol/index.ts'
import { guestChangesMax } from '../limits.ts'
import type { Store, StoreWrite } from '../ports.ts'
import type { Fetched } from './index-of-facts.ts'
import { allOf, decodeText, encodeText, keys, nameUnder } from './layout.ts'

/** How a society's records name another: judging them takes its document, or they say its key. */
export type Naming = 'needed' | 'named'

const none: ReadonlyMap<SocietyKey, Naming> = new Map()

/**
 * Which societies that are no members are named by the records of which others: whoever is may have
 * to be there when these are judged again. Written in the batch of the record that names, before
 * anything can be dropped because of it.
 */
export class Namings {
  readonly #by: Map<SocietyKey, Map<SocietyKey, Naming>> = new Map()
  #version = 0

  /** Changes whenever an answer may. */
  get version(): number {
    return this.#version
  }

  /** Loads what is stored; whom a store of before this was noted may name stays for good. */
  async load(store: Store): Promise<void> {
    if ((await store.get(keys.namingsNoted())) === undefined) await this.#keepAll(store)
    for await (const [key, value] of store.range(allOf('naming'))) {
      const [, named, author] = key.split('/') as [string, SocietyKey, SocietyKey]
      this.#set(named, author, decodeText(value) as Naming)
    }
  }

  async #keepAll(store: Store): Promise<void> {
    const writes: StoreWrite[] = [{ key: keys.namingsNoted(), value: encodeText('') }]
    const manifests = allOf('manifest')
    for await (const [key] of store.range(manifests)) {
      const society = keyOfActor(nameUnder(manifests, key) as Actor)
      writes.push({ key: keys.naming(society, society), value: encodeText('needed') })
    }
    await store.write(writes, { sync: true })
  }

  /** Whose records name a society, and how. */
  of(named: SocietyKey): ReadonlyMap<SocietyKey, Naming> {
    return this.#by.get(named) ?? none
  }

  /** Notes whom a change that was judged names; returns what has to be written with it. */
  note(
    { author, ...change }: Pick<ReadChange, 'author' | 'records'>,
    fetched: Fetched,
    isGuest: (society: SocietyKey) => boolean,
  ): readonly StoreWrite[] {
    const namings = new Map<SocietyKey, Naming>()
    for (const society of societiesOfChange(change)) namings.set(society, 'named')
    for (const { society } of fetched.convictions.values()) namings.set(society, 'needed')
    for (const { actor } of fetched.places.values()) namings.set(keyOfActor(actor), 'needed')
    namings.delete(author)
    const writes: StoreWrite[] = []
    for (const [named, naming] of namings) {
      const before = this.of(named).get(author)
      if (before === naming || before === 'needed' || !isGuest(named)) continue
      this.#set(named, author, naming)
      writes.push({ key: keys.naming(named, author), value: encodeText(naming) })
    }
    return writes
  }

  /** A society's document is dropped: it names nobody any more. */
  forget(author: SocietyKey): readonly StoreWrite[] {
    const writes: StoreWrite[] = []
    for (const [named, authors] of this.#by) {
      if (!authors.delete(author)) continue
      writes.push({ key: keys.naming(named, author) })
      if (authors.size === 0) this.#by.delete(named)
    }
    this.#version += 1
    return writes
  }

  #set(named: SocietyKey, author: SocietyKey, naming: Naming): void {
    const authors = this.#by.get(named) ?? new Map<SocietyKey, Naming>()
    authors.set(author, naming)
    this.#by.set(named, authors)
    this.#version += 1
  }
}

/** What noting whom records name needs of the node. */
export type NamingParts = {
  readonly namings: Namings
  /** Why changes up to a place of a document are not taken from others; undefined if they are. */
  readonly refuses: (actor: Actor, seq: number, isNamed?: boolean) => string | undefined
}

/** What has to be written because a change that was judged names others. */
export function namingWrites(
  { namings, refuses }: NamingParts,
  change: Pick<ReadChange, 'author' | 'records'>,
  fetched: Fetched,
): readonly StoreWrite[] {
  const isGuest = (society: SocietyKey): boolean =>
    refuses(actorOf('trust', society), guestChangesMax + 1) !== undefined
  return namings.note(change, fetched, isGuest)
}
