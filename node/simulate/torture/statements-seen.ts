import {
  actorOf,
  decodeGossip,
  decodeSyncResponse,
  keyOfActor,
  peekChange,
  type Actor,
  type ChangesFrame,
  type SignedHead,
  type SocietyKey,
} from '../../../protocol/index.ts'
import { protocols } from '../../../src/index.ts'
import type { Corpus } from './corpus.ts'

/** Every statement of a document that was seen anywhere. */
type Said = {
  readonly changes: Map<number, { readonly hash: string; readonly time: number }>
  readonly heads: Map<string, SignedHead['head']>
}

/** What statements are judged by. */
export type StatementsParts = {
  readonly corpus: Corpus
  /** Societies whose own word counts for nothing. */
  readonly liars: ReadonlySet<SocietyKey>
  readonly fail: (what: string) => void
}

/** All that nodes send, read from the wires: the honest never sign two pasts (P2). */
export class StatementsSeen {
  readonly #parts: StatementsParts
  readonly #said: Map<Actor, Said> = new Map()

  constructor(parts: StatementsParts) {
    this.#parts = parts
  }

  /** Judges the bytes that a node sends. */
  sent(what: 'gossip' | 'answer', bytes: Uint8Array, protocol: string): void {
    if (what === 'gossip') {
      const message = decodeGossip(bytes)
      if (!message.ok) this.#parts.fail('P8: a node gossiped what cannot be read')
      else if (message.value.type === 'head') this.#noteHead(message.value.head.head)
      else if (message.value.type === 'changes') this.#noteFrame(message.value.frame)
      return
    }
    if (protocol !== protocols.sync) return
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
        this.#parts.fail('P8: a node sent a change that cannot be read')
        continue
      }
      this.#parts.corpus.note(bytes, peeked.value)
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
    if (this.#parts.liars.has(keyOfActor(actor))) return
    this.#parts.fail(`P2: ${actor} signed two of ${what}`)
  }

  /** Whether all that was signed by the honest fits together. */
  judgeAll(): void {
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
}
