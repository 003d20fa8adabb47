import {
  decodeGossip,
  decodeSyncResponse,
  digestOf,
  peekChange,
  recount,
  type Actor,
  type ChangesFrame,
  type DocumentState,
  type RecordId,
  type SignedHead,
  type SocietyKey,
  actorOf,
} from '../../../protocol/index.ts'
import type { Replica } from '../../../src/index.ts'
import type { Victim } from './torture-world.ts'

/** What a settlement or a claim does to its author's supply, in milli-units. */
type Traded = { readonly actor: Actor; readonly seq: number; readonly supply: number }

/** What the checks remember of one node. */
type Watched = { readonly heads: Map<Actor, string>; dirty: boolean }

/** Every statement of a document that was seen anywhere. */
type Said = {
  readonly changes: Map<number, { readonly hash: string; readonly time: number }>
  readonly heads: Map<string, SignedHead['head']>
}

/** Queues longer than this would be without bounds. */
const jobsMax = 16_384
const waitingMax = 2_048

/**
 * What must hold after every event of a tortured world, and at its end. Looks at real states and at
 * the bytes on the wires; tells of the first thing that is wrong.
 */
export class Checks {
  readonly #fail: (what: string) => void
  readonly #watched: Map<string, Watched> = new Map()
  /** Digest of the state after a change, whoever folded it. */
  readonly #digests: Map<string, { readonly digest: string; readonly by: string }> = new Map()
  readonly #said: Map<Actor, Said> = new Map()
  readonly #proven: Set<string> = new Set()
  readonly #traded: Map<RecordId, Traded> = new Map()
  /** Settlements and claims that were seen and not looked at yet. */
  readonly #trades: Set<RecordId> = new Set()
  /** Newest records by kind, over all nodes. */
  readonly recent: Map<string, RecordId[]> = new Map()
  readonly #seen: Set<string> = new Set()
  readonly #verdicts: Map<RecordId, string | null> = new Map()
  /** Societies whose own word counts for nothing. */
  readonly liars: Set<SocietyKey> = new Set()

  constructor(fail: (what: string) => void) {
    this.#fail = fail
  }

  /** Begins to watch a node that has come up. */
  raised(victim: Victim, replica: Replica): void {
    const watched: Watched = { heads: new Map(), dirty: true }
    this.#watched.set(victim.name, watched)
    replica.events.listen(({ type, data }) => {
      watched.dirty = true
      if (type === 'record') this.#noteRecord(data, victim.name)
    })
  }

  #noteRecord(data: Readonly<Record<string, unknown>>, by: string): void {
    const id = data['id'] as RecordId
    const verdict = data['void'] as string | null
    const before = this.#verdicts.get(id)
    if (before !== undefined && before !== verdict) {
      this.#fail(`P3: ${by} finds ${id} ${verdict ?? 'valid'}, others ${before ?? 'valid'}`)
    }
    this.#verdicts.set(id, verdict)
    if (data['void'] !== null || this.#seen.has(id)) return
    this.#seen.add(id)
    const kind = String(data['kind'])
    if (kind === 'trade.settle' || kind === 'trade.claim') this.#trades.add(id)
    const list = this.recent.get(kind) ?? []
    list.push(id)
    if (list.length > 40) list.shift()
    this.recent.set(kind, list)
  }

  /** Judges the bytes that a node sends. */
  sent(what: 'gossip' | 'answer', bytes: Uint8Array, protocol: string): void {
    if (what === 'gossip') {
      const message = decodeGossip(bytes)
      if (!message.ok) this.#fail('a node gossiped what cannot be read')
      else if (message.value.type === 'head') this.#noteHead(message.value.head.head)
      else if (message.value.type === 'changes') this.#noteFrame(message.value.frame)
      return
    }
    if (protocol !== '/society/sync/1') return
    const answer = decodeSyncResponse(bytes)
    if (answer.ok && answer.value.type === 'changes')
      answer.value.frames.forEach((frame) => this.#noteFrame(frame))
  }

  #saidOf(actor: Actor): Said {
    const said = this.#said.get(actor) ?? { changes: new Map(), heads: new Map() }
    this.#said.set(actor, said)
    return said
  }

  #noteFrame(frame: ChangesFrame): void {
    const said = this.#saidOf(frame.actor)
    for (const bytes of frame.changes) {
      const peeked = peekChange(bytes)
      if (!peeked.ok) {
        this.#fail('a node sent a change that cannot be read')
        continue
      }
      const { hash, header } = peeked.value
      const { seq, time } = header
      const known = said.changes.get(seq)
      if (known === undefined) said.changes.set(seq, { hash, time })
      else if (known.hash !== hash) this.#twice(frame.actor, `change ${seq}`)
    }
  }

  #noteHead(head: SignedHead['head']): void {
    const { heads } = this.#saidOf(actorOf(head.document, head.author))
    heads.set(`${head.seq} ${head.hash} ${head.time}`, head)
  }

  #twice(actor: Actor, what: string): void {
    if (this.liars.has(actor.slice(0, 64) as SocietyKey)) return
    this.#fail(`P2: ${actor} signed two of ${what}`)
  }

  /** Whether all that was signed by the honest fits together. */
  statements(): void {
    for (const [actor, { changes, heads }] of this.#said) {
      const sorted = [...heads.values()].sort((a, b) => a.time - b.time || a.seq - b.seq)
      let before = 0
      for (const head of sorted) {
        const change = changes.get(head.seq)
        if (change !== undefined && change.hash !== head.hash) {
          this.#twice(actor, `head and change ${head.seq}`)
        }
        const next = changes.get(head.seq + 1)
        if (next !== undefined && next.time < head.time) {
          this.#twice(actor, `change ${head.seq + 1}, dated before head ${head.seq}`)
        }
        if (head.seq < before) this.#twice(actor, `head ${head.seq} after head ${before}`)
        before = Math.max(before, head.seq)
      }
    }
  }

  /** What must hold after an event, of the nodes that it changed. */
  async afterEvent(victims: readonly Victim[]): Promise<void> {
    for (const victim of victims) {
      const { replica } = victim
      const watched = this.#watched.get(victim.name)
      if (replica === null || watched === undefined || !watched.dirty) continue
      watched.dirty = false
      await this.#checkNode(victim, replica, watched)
    }
  }

  async #checkNode(victim: Victim, replica: Replica, watched: Watched): Promise<void> {
    const { jobs, waiting, broken } = replica.health()
    if (jobs > jobsMax || waiting > waitingMax) this.#fail(`P8: ${victim.name} queues ${jobs}`)
    if (broken !== null && !victim.disk.full) this.#fail(`${victim.name} stopped: ${broken}`)
    const { trusts, pools } = replica.states()
    for (const state of trusts) this.#checkState(victim, state, watched)
    for (const state of pools) this.#checkState(victim, state, watched)
  }

  #checkState(victim: Victim, state: DocumentState, watched: Watched): void {
    const { actor, head } = state.chain
    if (head === null || watched.heads.get(actor) === head) return
    watched.heads.set(actor, head)
    try {
      if ('lots' in state) recount(state)
    } catch (error) {
      this.#fail(`P4: ${victim.name} of ${actor}: ${(error as Error).message}`)
    }
    const digest = digestOf(state)
    const known = this.#digests.get(head)
    if (known === undefined) this.#digests.set(head, { digest, by: victim.name })
    else if (known.digest !== digest) {
      this.#fail(`P3: ${victim.name} and ${known.by} differ about ${actor} at ${head}`)
    }
  }

  /** Whether a node has all that another has signed. */
  holdsAllOf(victim: Victim, own: Replica, other: Replica): boolean {
    const mine = (replica: Replica): string =>
      frontierOf(replica)
        .filter((entry) => entry.startsWith(victim.key))
        .join()
    return mine(own) === mine(other)
  }

  /** Whether everything that was answered is still there, right after a start. */
  async nothingLost(victim: Victim, replica: Replica): Promise<void> {
    // What was answered after the backup was taken comes back from others, not from the disk.
    if (victim.isRestored) return
    for (const id of victim.answered) {
      const record = await replica.record(id as RecordId)
      if (record === undefined || record.void !== null) {
        this.#fail(`P1: ${victim.name} lost ${id}`)
        return
      }
    }
  }

  /** What must hold of a node as a whole: sums over societies, and where its ATP comes from. */
  async audit(victims: readonly Victim[]): Promise<void> {
    await this.#lookAtTrades(victims)
    for (const victim of victims) {
      if (victim.replica === null) continue
      this.#auditStanding(victim, victim.replica, victims)
      await this.#auditSupply(victim, victim.replica, victims)
      await this.#auditProofs(victim, victim.replica)
    }
  }

  /** Whoever signed one past alone is never held for a liar. */
  #auditStanding({ name }: Victim, replica: Replica, victims: readonly Victim[]): void {
    for (const { key, name: other } of victims) {
      if (this.liars.has(key) || replica.society(key).standing === 'good') continue
      this.#fail(`P2: ${name} holds ${other} for a liar`)
    }
  }

  async #lookAtTrades(victims: readonly Victim[]): Promise<void> {
    for (const id of this.#trades) {
      // Who had it first may have lost it: what was not synced can be fetched again.
      for (const { replica } of victims) {
        const record = await replica?.record(id)
        if (record === undefined) continue
        this.#trades.delete(id)
        const { outcome, author, seq } = record
        const settlement =
          outcome?.type === 'claim' ? (await replica?.record(outcome.settlement))?.outcome : outcome
        if (settlement?.type !== 'settlement') break
        const gain = settlement.amount - settlement.due
        const supply = outcome?.type === 'claim' ? gain : -gain
        this.#traded.set(id, { actor: actorOf('pool', author), seq, supply })
        break
      }
    }
  }

  /** Founding and trade alone change the sum of all supplies, and nobody's claim is unbacked. */
  async #auditSupply(victim: Victim, replica: Replica, victims: readonly Victim[]): Promise<void> {
    const ends = new Map<Actor, number>()
    let supply = 0
    let due = 0
    for (const pool of replica.states().pools) {
      ends.set(pool.chain.actor, pool.chain.seq)
      supply += pool.supply
      const founded = victims.find(({ key }) => key === pool.society)?.founding.adp ?? 0
      if (pool.founding !== null) due += Number(founded) * 1_000
    }
    const held = await this.#changesOfLiars(replica)
    for (const [id, traded] of this.#traded) {
      if (traded.seq > (ends.get(traded.actor) ?? 0)) continue
      const isLiar = this.liars.has(traded.actor.slice(0, 64) as SocietyKey)
      if (!isLiar || held.has(id.slice(0, 64))) due += traded.supply
    }
    if (supply !== due) this.#fail(`P4: ${victim.name} sees supplies of ${supply}, not ${due}`)
  }

  /** Hashes of the changes of liars' pools that a node holds: of several with one number. */
  async #changesOfLiars(replica: Replica): Promise<ReadonlySet<string>> {
    const hashes = new Set<string>()
    for (const liar of this.liars) {
      for (const bytes of await replica.changes('pool', liar)) {
        const peeked = peekChange(bytes)
        if (peeked.ok) hashes.add(peeked.value.hash)
      }
    }
    return hashes
  }

  async #auditProofs(victim: Victim, replica: Replica): Promise<void> {
    for (const pool of replica.states().pools) {
      for (const lot of pool.lots.values()) {
        const key = `${lot.batch} ${lot.proof} ${lot.source}`
        if (this.#proven.has(key)) continue
        const charged = await replica.record(lot.batch)
        const proof = await replica.record(lot.proof)
        const { outcome } = proof ?? {}
        const fits =
          charged?.kind === 'atp.charge' &&
          charged.void === null &&
          charged.author === lot.charger &&
          proof?.author === lot.charger &&
          outcome?.type === 'proof' &&
          outcome.source === lot.source &&
          outcome.assurance >= 1 &&
          charged.time < outcome.staleAt &&
          lot.chargedAt === charged.time
        if (!fits) this.#fail(`P5: ${victim.name} holds ${lot.key} without a valid proof`)
        this.#proven.add(key)
      }
    }
  }

  /** Liars whom a node has found out. */
  #caughtBy(replica: Replica): readonly string[] {
    return [...this.liars].sort().filter((liar) => replica.society(liar).standing !== 'good')
  }

  /** How many liars anybody has found out. */
  found(victims: readonly Victim[]): number {
    const caught = victims.flatMap(({ replica }) =>
      replica === null ? [] : this.#caughtBy(replica),
    )
    return new Set(caught).size
  }

  /** Nodes that do not hold the same as the first, by name; empty once all agree. */
  disagreement(victims: readonly Victim[]): readonly string[] {
    const views = victims.map(({ name, replica }) => ({
      name,
      view:
        replica === null
          ? 'down'
          : JSON.stringify([...frontierOf(replica), ...this.#caughtBy(replica)]),
    }))
    return views.filter(({ view }) => view !== views[0]?.view).map(({ name }) => name)
  }
}

function frontierOf(replica: Replica): readonly string[] {
  const { trusts, pools } = replica.states()
  const states = [...trusts, ...pools].filter(({ chain }) => chain.head !== null)
  return states.map(({ chain }) => `${chain.actor} ${chain.seq} ${chain.head}`).sort()
}
