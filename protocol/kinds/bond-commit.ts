import { fault, type Fault } from '../codes.ts'
import { brokenBondOf, provenCapacity, settledBond, standingOf } from '../ledger/bond.ts'
import type { Source } from '../ledger/source.ts'
import type { TrustState } from '../ledger/trust-state.ts'
import { bondLockMsMax, bondLockMsMin, bondSourcesMax, sourceIdLengthMax } from '../limits.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { integer, list, text } from './schema.ts'

function sourceFault(state: TrustState, id: string, time: number): Fault | null {
  const source = state.sources.get(id)
  if (source === undefined) {
    return fault('unknown-reference', `no source ${id} of this society; prove it first`)
  }
  if (source.retired !== null) return fault('already-ended', `${id} is retired`, source.retired)
  if (time >= source.staleAt) return fault('proof-stale', `${id} was measured too long ago`)
  return source.assurance < 1 ? fault('unverified-source', `${id} is only claimed`) : null
}

function sourcesOf(state: TrustState, ids: readonly string[]): readonly Source[] {
  return ids.flatMap((id) => state.sources.get(id) ?? [])
}

/** The bond that is active at a time; undefined where there is none. */
function activeBond(state: TrustState, time: number): TrustState['bond'] | undefined {
  const { bond, sources } = state
  return bond !== null && standingOf(bond, sources, time).state === 'active' ? bond : undefined
}

/** `bond.commit`: commits what the sources are proven for until the lock is over. `lock` in ms. */
export const bondCommit: RecordKind = trustKind(
  'bond.commit',
  {
    sources: list(text(sourceIdLengthMax), bondSourcesMax),
    lock: integer(bondLockMsMin, bondLockMsMax),
  },
  {
    shape({ sources }) {
      if (sources.length === 0) return fault('malformed', 'name the sources that are committed')
      return new Set(sources).size === sources.length
        ? null
        : fault('malformed', 'a source is committed once')
    },
    check(state, value, judging) {
      for (const id of value.sources) {
        const wrong = sourceFault(state, id, judging.time)
        if (wrong !== null) return wrong
      }
      if (provenCapacity(sourcesOf(state, value.sources), judging.time) === 0) {
        return fault('insufficient-capacity', 'these sources give nothing of their own')
      }
      const active = activeBond(state, judging.time)
      return active === undefined || active === null
        ? null
        : fault('bond-exists', 'a bond is active already', active.id)
    },
    apply(state, value, judging) {
      const { id, time: committedAt, author } = judging
      if (state.bond !== null) {
        const last = settledBond(state.bond, state.sources, committedAt)
        const broken = brokenBondOf(author, standingOf(last, state.sources, committedAt))
        if (broken !== undefined) state.brokenBonds.set(broken.id, broken)
      }
      state.bond = {
        id,
        sources: value.sources,
        capacity: provenCapacity(sourcesOf(state, value.sources), committedAt),
        committedAt,
        until: committedAt + value.lock,
        graceMs: state.policy.bondGraceHours,
        missingSince: null,
        end: null,
      }
      return { type: 'bond', sources: value.sources }
    },
  },
)
