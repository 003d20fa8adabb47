import {
  actorOf,
  didOf,
  ownerOfActor,
  type DocumentKind,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Checkpoints } from '../checkpoint/checkpoints.ts'
import type { HistoryKept } from '../checkpoint/joining.ts'
import type { CheckpointTry } from '../checkpoint/notary.ts'
import { nameOf } from '../find.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** An own document, its newest checkpoint, and what became of the last try. Times in ISO 8601. */
export type OwnCheckpointView = {
  readonly kind: DocumentKind
  readonly changes: number
  /** The newest that witnesses have signed; null for none. */
  readonly checkpoint: { readonly id: RecordId; readonly at: string; readonly seq: number } | null
  /** Whether it is time for another. */
  readonly due: boolean
  /** The last try since the node started: how many signed it, how many must, who did not. */
  readonly tried: {
    readonly at: string
    readonly signed: number
    readonly needed: number
    readonly unsigned: readonly {
      readonly society: string
      readonly name: string
      readonly because: string
    }[]
  } | null
}

/** What is kept of the history of a document. */
export type DocumentKeptView = {
  readonly document: string
  readonly society: string
  readonly name: string
  readonly kind: DocumentKind
  /** Changes that it has had, and how many of the first are dropped or were never here. */
  readonly changes: number
  readonly dropped: number
  /** When the last of these is dated; null for none. */
  readonly keptSince: string | null
  /** Changes held that a window should have dropped by now. */
  readonly old: number
  /** Witnesses of its society now: without any nothing of it can be dropped. */
  readonly witnesses: number
}

/** Checkpoints of this society, and what this node keeps of everybody's history. */
export type CheckpointsView = {
  readonly keep: HistoryKept
  readonly witnesses: number
  readonly own: readonly OwnCheckpointView[]
  /** When what is kept was looked at; null before the first look, and then nothing is told. */
  readonly lookedAt: string | null
  readonly documents: readonly DocumentKeptView[]
  /** Dropped since the node started. */
  readonly dropped: {
    readonly changes: number
    readonly facts: number
    readonly bytes: number
  }
}

const iso = (time: number): string => new Date(time).toISOString()

function viewTry({ held }: Ledger, tried: CheckpointTry | undefined): OwnCheckpointView['tried'] {
  if (tried === undefined) return null
  const { at, signed, needed, unsigned } = tried
  const named = unsigned.map(({ witness, because }) => ({
    society: didOf(witness),
    name: nameOf(held, witness),
    because,
  }))
  return { at: iso(at), signed, needed, unsigned: named }
}

function viewOwn(ledger: Ledger, { notary }: Checkpoints, kind: DocumentKind): OwnCheckpointView {
  const { held, self } = ledger
  const last = held.trust(self).checkpoints.get(actorOf(kind, self))
  return {
    kind,
    changes: held.state(kind, self).chain.seq,
    checkpoint: last === undefined ? null : { id: last.id, at: iso(last.at), seq: last.seq },
    due: notary.isDue(kind),
    tried: viewTry(ledger, notary.tried(kind)),
  }
}

const witnessesOf = ({ held }: Ledger, society: SocietyKey): number =>
  held.trust(society).appointments.at(-1)?.witnesses.length ?? 0

/** Checkpoints of this society, and what is kept of everybody's history as it was looked at. */
export function viewCheckpoints(ledger: Ledger, checkpoints: Checkpoints): CheckpointsView {
  const { keep, lookedAt, census, dropped } = checkpoints.seen
  const { held, self } = ledger
  const documents = [...census.values()].flatMap(({ actor, after, since, old }) => {
    const owner = ownerOfActor(actor)
    const state = held.ofActor(actor)
    if (owner === undefined || state === undefined) return []
    return {
      document: state.chain.document,
      society: didOf(owner.key),
      name: nameOf(held, owner.key),
      kind: owner.kind,
      changes: state.chain.seq,
      dropped: after,
      keptSince: since === null ? null : iso(since),
      old,
      witnesses: witnessesOf(ledger, owner.key),
    }
  })
  return {
    keep,
    witnesses: witnessesOf(ledger, self),
    own: (['trust', 'pool'] as const).map((kind) => viewOwn(ledger, checkpoints, kind)),
    lookedAt: lookedAt === null ? null : iso(lookedAt),
    documents,
    dropped,
  }
}
