import {
  actorOf,
  bytesOfKey,
  changeMessage,
  datedAheadMsMax,
  decodeChange,
  decodeGossip,
  didOf,
  headMessage,
  ownerOfActor,
  peekChange,
  recordId,
  type Actor,
  type ChangeHash,
  type ChangesFrame,
  type Peeked,
  type SignedHead,
  type SocietyKey,
} from '../../../protocol/index.ts'
import type { GossipVerdict, Replica, Verifier } from '../../../src/index.ts'
import type { Victim } from './torture-world.ts'

/** A statement that a node has seen and could judge. */
type Seen = {
  readonly victim: Victim
  /** Run of the node in which it did: what a crash takes away was not seen. */
  readonly run: number
  readonly society: SocietyKey
  readonly actor: Actor
  readonly seq: number
  readonly hash: string
}

/**
 * The statements of liars that honest nodes have really seen: validly signed, in their time, and on
 * top of what they held. Where two of them are on no single chain, everybody has to know (P6).
 */
export class LiesSeen {
  readonly #verifier: Verifier
  readonly #fail: (what: string) => void
  readonly #seen: Seen[] = []

  constructor(verifier: Verifier, fail: (what: string) => void) {
    this.#verifier = verifier
    this.#fail = fail
  }

  /** Hands a message to a node through `deliver` and notes what of it the node can judge. */
  async watch(
    victim: Victim,
    message: Uint8Array,
    deliver: () => Promise<GossipVerdict> | undefined,
  ): Promise<void> {
    const { run, replica } = victim
    const gossip = decodeGossip(message)
    const judgeable =
      replica === null || !gossip.ok
        ? []
        : gossip.value.type === 'changes'
          ? await this.#changes(victim, replica, gossip.value.frame)
          : gossip.value.type === 'head'
            ? this.#head(victim, replica, gossip.value.head)
            : []
    const verdict = await deliver()
    for (const { isPast, ...seen } of judgeable) {
      // What could be next in the chain was seen if it was taken, and what is past in any case.
      if (verdict === 'accept' || isPast) this.#seen.push({ ...seen, victim, run })
    }
  }

  async #changes(
    victim: Victim,
    replica: Replica,
    frame: ChangesFrame,
  ): Promise<readonly (Omit<Seen, 'victim' | 'run'> & { readonly isPast: boolean })[]> {
    const { actor, changes, signature } = frame
    const society = ownerOfActor(actor)?.key
    const peeks = changes.map((bytes) => peekChange(bytes))
    const last = peeks.at(-1)
    if (society === undefined || society === victim.key || last?.ok !== true) return []
    const signed = changeMessage(last.value.hash)
    if (!this.#verifier.verify(signature, signed, bytesOfKey(society))) return []
    const latest = (victim.clock?.now() ?? 0) + datedAheadMsMax
    const found: (Omit<Seen, 'victim' | 'run'> & { readonly isPast: boolean })[] = []
    for (const [i, peeked] of peeks.entries()) {
      if (!peeked.ok || peeked.value.header.time > latest) return found
      if (!decodeChange(changes[i] as Uint8Array, peeked.value).ok) return found
      if (i === 0 && !(await followsHeld(replica, society, peeked.value))) return found
      const { seq } = peeked.value.header
      const isPast = seq <= chainSeq(replica, actor)
      found.push({ society, actor, seq, hash: peeked.value.hash, isPast })
    }
    return found
  }

  #head(
    victim: Victim,
    replica: Replica,
    { head, signature }: SignedHead,
  ): readonly (Omit<Seen, 'victim' | 'run'> & { readonly isPast: boolean })[] {
    const { author, document, seq, hash, time } = head
    const actor = actorOf(document, author)
    const latest = (victim.clock?.now() ?? 0) + datedAheadMsMax
    const isPast = seq <= chainSeq(replica, actor)
    if (author === victim.key || time > latest || !isPast) return []
    if (!this.#verifier.verify(signature, headMessage(head), bytesOfKey(author))) return []
    return [{ society: author, actor, seq, hash, isPast }]
  }

  /**
   * At the end, with everything healed: no two pasts of a member that were seen are still believed.
   * Of guests' lies everybody hears once a member names them.
   */
  async judgeAll(victims: readonly Victim[]): Promise<void> {
    for (const seen of this.#seen) {
      const { victim, society, seq } = seen
      const { replica } = victim
      if (replica === null || victim.run !== seen.run) continue
      if (!victims.some((each) => isMember(each, society))) continue
      const unaware = victims.find((other) => other.replica?.society(society).standing === 'good')
      if (unaware === undefined) continue
      const held = await hashAt(replica, seen.actor, seq)
      if (held === seen.hash) continue
      this.#fail(
        `P6: ${victim.name} saw another change ${seq} of ${seen.actor}, ${unaware.name} trusts it`,
      )
      return
    }
  }
}

function isMember({ replica }: Victim, society: SocietyKey): boolean {
  return replica?.membership().members.includes(didOf(society)) === true
}

function chainSeq(replica: Replica, actor: Actor): number {
  const { trusts, pools } = replica.states()
  return [...trusts, ...pools].find(({ chain }) => chain.actor === actor)?.chain.seq ?? 0
}

/** Whether a change follows one that the node holds. */
async function followsHeld(
  replica: Replica,
  society: SocietyKey,
  { header }: Peeked,
): Promise<boolean> {
  if (header.previous === null) return header.seq === 1
  const before = await replica.record(recordId(header.previous, 0))
  return before?.author === society && before.seq === header.seq - 1
}

/** Hash of a document's change with a number as a node holds it. */
async function hashAt(
  replica: Replica,
  actor: Actor,
  seq: number,
): Promise<ChangeHash | undefined> {
  const owner = ownerOfActor(actor)
  const changes = owner === undefined ? [] : await replica.changes(owner.kind, owner.key)
  const bytes = changes[seq - 1]
  const peeked = bytes === undefined ? undefined : peekChange(bytes)
  return peeked?.ok === true ? peeked.value.hash : undefined
}
