import type { PeerName } from '../../src/index.ts'

/** What is known of a peer while it is connected; times are monotonic. */
export type Contact = {
  readonly heardMs: number
  readonly failedPings: number
  readonly latencyMs: number | undefined
  /** Unknown until the peer has identified itself. */
  readonly speaksGossip: boolean | undefined
}

/** The peers that have a connection, and their signs of life. */
export class Contacts {
  readonly #contacts = new Map<PeerName, Contact>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Names of the connected peers. */
  peers(): readonly PeerName[] {
    return [...this.#contacts.keys()]
  }

  of(peer: PeerName): Contact | undefined {
    return this.#contacts.get(peer)
  }

  open(peer: PeerName): void {
    const heardMs = this.#nowMs()
    const nothing = { failedPings: 0, latencyMs: undefined, speaksGossip: undefined }
    this.#contacts.set(peer, { ...nothing, heardMs })
  }

  /** Ends a contact; false if there was none. */
  close(peer: PeerName): boolean {
    return this.#contacts.delete(peer)
  }

  heard(peer: PeerName): void {
    this.#change(peer, { heardMs: this.#nowMs(), failedPings: 0 })
  }

  identified(peer: PeerName, speaksGossip: boolean): void {
    this.#change(peer, { heardMs: this.#nowMs(), speaksGossip })
  }

  pinged(peer: PeerName, latencyMs: number): void {
    this.#change(peer, { heardMs: this.#nowMs(), failedPings: 0, latencyMs })
  }

  pingFailed(peer: PeerName): void {
    this.#change(peer, { failedPings: (this.#contacts.get(peer)?.failedPings ?? 0) + 1 })
  }

  #change(peer: PeerName, change: Partial<Contact>): void {
    const contact = this.#contacts.get(peer)
    if (contact) this.#contacts.set(peer, { ...contact, ...change })
  }
}
