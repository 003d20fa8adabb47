import {
  decodePedigree,
  endEntriesMax,
  frontierEntriesMax,
  ownerOfActor,
  type Actor,
  type ChangesFrame,
  type Frontier,
  type FrontierEntry,
  type SyncRequest,
  type SyncResponse,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { partsOf, readBase, readBasePart } from '../ledger/base.ts'
import { framesFrom, framesNamed } from '../ledger/serve.ts'
import { keys } from '../ledger/layout.ts'
import { syncAnswerBytes } from '../limits.ts'
import type { Store } from '../ports.ts'

/** What answering needs of the node. */
export type AnswerParts = { readonly ledger: Ledger; readonly store: Store }

/** This node's whole frontier, as it asks with it. */
export function ownFrontier(ledger: Ledger): Frontier {
  const entries = ledger.held.frontier().slice(0, frontierEntriesMax)
  const ends = ledger.forks.entries().map(([actor, { place }]) => ({ actor, place }))
  return { type: 'frontier', entries, ends: ends.slice(0, endEntriesMax) }
}

/** What of another's frontier is new here: more changes, or others at the same place. */
export function newEntries(ledger: Ledger, theirs: Frontier): readonly FrontierEntry[] {
  return theirs.entries.filter(({ actor, seq, hash }) => {
    const { chain } = ledger.held.ofActor(actor) ?? {}
    if (chain === undefined) return false
    if (seq === chain.seq) return hash !== chain.head
    return seq > chain.seq && chain.seq < ledger.forks.placeOf(actor) - 1
  })
}

/** Documents that another knows to have ended, or to have ended earlier than is known here. */
export function newEnds(ledger: Ledger, theirs: Frontier): Frontier['ends'] {
  return theirs.ends.filter(({ actor, place }) => place < ledger.forks.placeOf(actor))
}

function frontierFor(ledger: Ledger, theirs: Frontier): Frontier {
  const own = ownFrontier(ledger)
  const entryOf = new Map(theirs.entries.map((entry) => [entry.actor, entry]))
  const endOf = new Map(theirs.ends.map(({ actor, place }) => [actor, place]))
  return {
    type: 'frontier',
    entries: own.entries.filter(({ actor, seq, hash }) => {
      const their = entryOf.get(actor)
      return their === undefined || their.seq < seq || (their.seq === seq && their.hash !== hash)
    }),
    ends: own.ends.filter(({ actor, place }) => place < (endOf.get(actor) ?? Infinity)),
  }
}

async function named(
  { ledger, store }: AnswerParts,
  hashes: readonly string[],
): Promise<SyncResponse> {
  const { index, forks } = ledger
  const frames: ChangesFrame[] = []
  const evidence: Uint8Array[] = []
  let left = syncAnswerBytes
  for (const hash of hashes) {
    for (const frame of await framesNamed({ store, index, forks }, hash, left)) {
      frames.push(frame)
      left -= frame.changes.reduce((sum, change) => sum + change.length, 0)
    }
    const bytes = await store.get(keys.evidenceNamed(hash))
    if (bytes !== undefined && bytes.length <= left) {
      evidence.push(bytes)
      left -= bytes.length
    }
    if (left <= 0) break
  }
  return { type: 'named', frames, evidence }
}

async function checkpointPart(
  { store }: AnswerParts,
  actor: Actor,
  part: number,
): Promise<SyncResponse> {
  const base = await readBase(store, actor)
  if (base === undefined) return { type: 'checkpoint', checkpoint: null, bytes: new Uint8Array() }
  const { checkpoint } = base
  if (part >= partsOf(checkpoint.size)) throw new Failure('malformed', 'no such part')
  return { type: 'checkpoint', checkpoint, bytes: await readBasePart(store, checkpoint, part) }
}

/** The answer to a question of another node. Fails with `malformed` at what cannot be answered. */
export async function answerSync(parts: AnswerParts, request: SyncRequest): Promise<SyncResponse> {
  const { ledger, store } = parts
  switch (request.type) {
    case 'frontier':
      return frontierFor(ledger, request)
    case 'named':
      return named(parts, request.hashes)
    case 'end': {
      const fork = ledger.forks.of(request.actor)
      return { type: 'named', frames: [], evidence: fork === undefined ? [] : [fork.evidence] }
    }
    case 'pedigree': {
      const bytes = await store.get(keys.pedigree(request.actor))
      const pedigree = bytes === undefined ? undefined : decodePedigree(bytes)
      return { type: 'pedigree', frames: pedigree?.ok === true ? pedigree.value : [] }
    }
    case 'checkpoint':
      return checkpointPart(parts, request.actor, request.part)
    case 'changes': {
      const { actor, from, bytesMax } = request
      if (ownerOfActor(actor) === undefined || from < 1) {
        throw new Failure('malformed', 'no such document or place')
      }
      const limit = Math.min(bytesMax, syncAnswerBytes)
      const end = ledger.forks.placeOf(actor)
      return { type: 'changes', frames: await framesFrom(store, actor, from, limit, end) }
    }
  }
}
