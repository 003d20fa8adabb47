import {
  digestOf,
  ownerOfActor,
  recount,
  type Actor,
  type DocumentState,
  type RecordId,
  type SocietyKey,
} from '../../../protocol/index.ts'
import type { GossipVerdict, Replica, Verifier } from '../../../src/index.ts'
import { Audit } from './audit.ts'
import { Corpus } from './corpus.ts'
import { LiesSeen } from './lies-seen.ts'
import { StatementsSeen } from './statements-seen.ts'
import { Tally } from './tally.ts'
import type { Victim } from './torture-world.ts'

/** What the checks remember of one node. */
type Watched = { readonly heads: Map<Actor, string>; dirty: boolean }

/** Records of a kind that actions and lies may name. */
const recentMax = 40

/** Age from which on a window may have forgotten a record, in ms (120 d). */
const forgottenMs = 120 * 86_400_000

/**
 * What must hold after every event of a tortured world, and at its end. Looks at real states and at
 * the bytes on the wires; tells of the first thing that is wrong.
 */
export class Checks {
  readonly #fail: (what: string) => void
  readonly #watched: Map<string, Watched> = new Map()
  /** Digest of the state after a change, whoever folded it. */
  readonly #digests: Map<string, { readonly digest: string; readonly by: string }> = new Map()
  readonly #verdicts: Map<RecordId, string | null> = new Map()
  readonly #statements: StatementsSeen
  readonly #lies: LiesSeen
  readonly #audit: Audit
  /** Records that were seen on the wires. */
  readonly corpus: Corpus = new Corpus()
  /** Newest valid records by kind, over all nodes. */
  readonly recent: Map<string, RecordId[]> = new Map()
  /** Records by kind and by whether they were valid. */
  readonly kinds: Tally = new Tally()
  /** Societies whose own word counts for nothing. */
  readonly liars: Set<SocietyKey> = new Set()

  readonly #now: () => number

  constructor(fail: (what: string) => void, verifier: Verifier, now: () => number) {
    this.#fail = fail
    this.#now = now
    const { corpus, liars } = this
    this.#statements = new StatementsSeen({ corpus, liars, fail })
    this.#audit = new Audit({ corpus, liars, fail })
    this.#lies = new LiesSeen(verifier, fail)
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
    const kind = String(data['kind'])
    const before = this.#verdicts.get(id)
    this.#verdicts.set(id, verdict)
    if (before !== undefined) {
      if (before === verdict) return
      this.#fail(`P3: ${by} finds ${id} ${verdict ?? 'valid'}, others ${before ?? 'valid'}`)
      return
    }
    this.kinds.count(verdict === null ? `${kind} valid` : `${kind} void`)
    if (verdict !== null) return
    if (kind === 'trade.settle' || kind === 'trade.claim') this.#audit.noteTrade(id)
    const list = this.recent.get(kind) ?? []
    list.push(id)
    if (list.length > recentMax) list.shift()
    this.recent.set(kind, list)
  }

  /** Judges the bytes that a node sends. */
  sent(what: 'gossip' | 'answer', bytes: Uint8Array, protocol: string): void {
    this.#statements.sent(what, bytes, protocol)
  }

  /** Hands a message to a node and remembers what of it the node can judge. */
  handed(
    victim: Victim,
    message: Uint8Array,
    deliver: () => Promise<GossipVerdict> | undefined,
  ): Promise<void> {
    return this.#lies.watch(victim, message, deliver)
  }

  /** What must hold after an event, of the nodes that it changed. */
  async afterEvent(victims: readonly Victim[]): Promise<void> {
    for (const victim of victims) {
      const { replica } = victim
      const watched = this.#watched.get(victim.name)
      if (replica === null || watched === undefined) continue
      this.#checkBounds(victim, replica)
      if (!watched.dirty) continue
      watched.dirty = false
      this.#checkNode(victim, replica, watched)
    }
  }

  /** Nothing that others could make grow is beyond its bound. */
  #checkBounds({ name }: Victim, replica: Replica): void {
    for (const { what, size, max } of replica.burdens()) {
      if (size > max) this.#fail(`P8: ${name} keeps ${size} ${what}, more than ${max}`)
    }
  }

  #checkNode(victim: Victim, replica: Replica, watched: Watched): void {
    const { broken } = replica.health()
    if (broken !== null && !victim.disk.full) this.#fail(`P8: ${victim.name} stopped: ${broken}`)
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

  /** Whether a node has all that another has of what its society has signed. */
  holdsAllOf(victim: Victim, own: Replica, other: Replica): boolean {
    const mine = (replica: Replica): string => frontierOf(replica, new Set([victim.key])).join()
    return mine(own) === mine(other)
  }

  /** Whether everything that was answered is still there, right after a start. */
  async nothingLost(victim: Victim, replica: Replica): Promise<void> {
    // What was answered after the backup was taken comes back from others, not from the disk.
    if (victim.isRestored) return
    for (const [id, at] of victim.answered) {
      // Where a window is kept what is so old may be forgotten.
      const isOld = victim.history === 'window' && this.#now() - at > forgottenMs
      if (isOld) continue
      const record = await replica.record(id as RecordId)
      if (record === undefined || record.void !== null) {
        this.#fail(`P1: ${victim.name} lost ${id}`)
        return
      }
    }
  }

  /** What must hold of a node as a whole: sums over societies, and where its ATP comes from. */
  audit(victims: readonly Victim[]): Promise<void> {
    return this.#audit.audit(victims)
  }

  /** What must hold at the end, once everything works again and all agree. */
  async end(victims: readonly Victim[]): Promise<void> {
    this.#statements.judgeAll()
    for (const victim of victims) {
      // What a liar signed past the end of its document nobody gives back to a restored node.
      victim.isRestored &&= this.liars.has(victim.key)
      if (victim.replica !== null) await this.nothingLost(victim, victim.replica)
    }
    await this.#lies.judgeAll(victims)
    await this.audit(victims)
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
    const societies = new Set(victims.map(({ key }) => key))
    const views = victims.map(({ name, replica }) => ({
      name,
      view:
        replica === null
          ? 'down'
          : JSON.stringify([...frontierOf(replica, societies), ...this.#caughtBy(replica)]),
    }))
    return views.filter(({ view }) => view !== views[0]?.view).map(({ name }) => name)
  }
}

/** How far a node has the documents of some societies; who is no member may be known to few. */
function frontierOf(replica: Replica, of: ReadonlySet<SocietyKey>): readonly string[] {
  const { trusts, pools } = replica.states()
  const states = [...trusts, ...pools].filter(
    ({ chain }) => chain.head !== null && of.has(ownerOfActor(chain.actor)?.key as SocietyKey),
  )
  return states.map(({ chain }) => `${chain.actor} ${chain.seq} ${chain.head}`).sort()
}
