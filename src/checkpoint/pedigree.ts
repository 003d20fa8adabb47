import {
  appointmentsIn,
  appoints,
  bytesOfKey,
  canonicalJson,
  decodePedigree,
  encodePedigree,
  keyOfActor,
  pedigreeBytesMax,
  peekChange,
  type ChangesFrame,
  type TrustState,
} from '../../protocol/index.ts'
import { readBase } from '../ledger/base.ts'
import { keys, type Facts } from '../ledger/layout.ts'
import type { LoadParts } from '../ledger/load.ts'
import { framesFrom } from '../ledger/serve.ts'
import type { Verifier } from '../ports.ts'

/** The pedigree that is kept of a trust document whose first change was dropped here. */
async function keptPedigree({ store }: LoadParts, state: TrustState): Promise<ChangesFrame[]> {
  const bytes = await store.get(keys.pedigree(state.chain.actor))
  const pedigree = bytes === undefined ? undefined : decodePedigree(bytes)
  // Views of what was read, which nobody changes.
  return pedigree?.ok === true ? [...pedigree.value] : []
}

/**
 * The pedigree of a trust document up to where a state stands, as bytes; undefined where it does
 * not show the witnesses that the state tells of, or is too large to be handed on.
 */
export async function pedigreeUpTo(
  parts: LoadParts & { readonly verifier: Verifier },
  state: TrustState,
): Promise<Uint8Array | undefined> {
  const { store, verifier } = parts
  const { actor, seq } = state.chain
  const shownBy = (frames: readonly ChangesFrame[]) =>
    appointmentsIn(frames, keyOfActor(actor), (signature, message, key) =>
      verifier.verify(signature, message, bytesOfKey(key)),
    )
  const pedigree = await keptPedigree(parts, state)
  const from = ((await readBase(store, actor))?.checkpoint.seq ?? 0) + 1
  for await (const [at, frame] of candidates(parts, state, from)) {
    if (at > seq) break
    if (at > 1 && !appoints(frame)) continue
    // What was void appoints nobody.
    if (shownBy([...pedigree, frame]) !== undefined) pedigree.push(frame)
  }
  const appointments = shownBy(pedigree)
  const bytes = encodePedigree(pedigree)
  const isWhole = canonicalJson(appointments) === canonicalJson(state.appointments)
  return isWhole && bytes.length <= pedigreeBytesMax ? bytes : undefined
}

/** Changes with a valid founding record or amendment, each with what follows up to a signature. */
async function* candidates(
  { store, index }: LoadParts,
  state: TrustState,
  from: number,
): AsyncGenerator<readonly [seq: number, frame: ChangesFrame]> {
  const { actor, seq } = state.chain
  for await (const facts of factsFrom({ store, index }, state, from)) {
    const place = facts.kinds.findIndex(
      (kind, at) =>
        (kind === 'society.found' || kind === 'society.amend') && facts.voids[at] === undefined,
    )
    if (place < 0 || facts.seq > seq) continue
    const [frame] = await framesFrom(store, actor, facts.seq, 1)
    if (frame !== undefined) yield [facts.seq, frame]
  }
}

async function* factsFrom(
  { store, index }: Pick<LoadParts, 'store' | 'index'>,
  { chain }: TrustState,
  from: number,
): AsyncGenerator<Facts> {
  const range = { gte: keys.change(chain.actor, from), lt: keys.change(chain.actor, chain.seq + 1) }
  for await (const [, bytes] of store.range(range)) {
    const peeked = peekChange(bytes)
    const facts = peeked.ok ? await index.facts(peeked.value.hash) : undefined
    if (facts !== undefined) yield facts
  }
}
