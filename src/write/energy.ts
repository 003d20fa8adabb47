import {
  advancePool,
  copyPool,
  leftPartsMax,
  sumOf,
  witnessedLevel,
  type Left,
  type RecordId,
  type TrustState,
} from '../../protocol/index.ts'
import { contestOf } from './contest.ts'
import { factors, refuse, type Input } from './input.ts'
import { ownSource } from './own-source.ts'
import { proofResolver } from './proofs.ts'
import { liveIds, type Resolver, type Resolving } from './resolver.ts'

/** Parts of at most as many as a retirement may tell, each until the latest of its members. */
function groupLeft(left: readonly Left[]): readonly Left[] {
  const sorted = [...left].sort((a, b) => a.until - b.until)
  const size = Math.ceil(sorted.length / leftPartsMax)
  const parts: Left[] = []
  for (let at = 0; at < sorted.length; at += size) {
    const group = sorted.slice(at, at + size)
    parts.push({ amount: sumOf(group), until: Math.max(...group.map(({ until }) => until)) })
  }
  return parts
}

/** What a source that is retired is still occupied by: charges not discharged, and older ones. */
function retire(source: string, { held, self, now }: Resolving): object {
  const pool = copyPool(held.pool(self))
  advancePool(pool, Math.max(now, pool.time))
  const own = [...pool.occupations.values()]
    .filter(({ sources, expired }) => sources.includes(source) && !expired)
    .map(({ amount, discharged, expiresAt }) => ({ amount: amount - discharged, until: expiresAt }))
  const inherited = held.trust(self).sources.get(source)?.inherited ?? []
  const left = groupLeft([
    ...own.filter(({ amount }) => amount > 0),
    ...inherited.filter(({ until }) => until >= now),
  ])
  return {
    source,
    occupied: left.map(({ amount }) => amount),
    until: left.map(({ until }) => until),
  }
}

function verdictOf(input: Input): boolean {
  const given = input.raw('verdict')
  if (given === 'confirmed') return true
  if (given === 'refuted') return false
  return input.optionalFlag('verdict') ?? true
}

function* proofIds(resolving: Resolving): Generator<RecordId> {
  for (const { sources } of resolving.held.trusts()) {
    for (const { proof } of sources.values()) yield proof
  }
}

/** Newest proofs of a source and of what powers it, nearest first. */
function proofsOf(sourceId: string, trust: TrustState): readonly RecordId[] {
  const proofs: RecordId[] = []
  for (let id: string | null = sourceId; id !== null;) {
    const source = trust.sources.get(id)
    if (source === undefined || proofs.length > trust.sources.size) {
      return refuse('unknown-reference', `no source ${id} of this society; prove it first`)
    }
    if (source.retired !== null) return refuse('already-ended', `${id} is retired`)
    proofs.push(source.proof)
    id = source.poweredBy
  }
  return proofs
}

/** How proofs and charges are written. */
export const energyResolvers: Readonly<Record<string, Resolver>> = {
  'energy.prove': proofResolver,
  'energy.evidence': {
    document: 'pool',
    fields: ['proof', 'transcript'],
    resolve: (input, resolving) => {
      const transcript = input.raw('transcript')
      return {
        proof: input.record('proof', liveIds(resolving)),
        transcript:
          typeof transcript === 'string' ? new TextEncoder().encode(transcript) : transcript,
      }
    },
  },
  'energy.retire': {
    document: 'trust',
    fields: ['source'],
    resolve: (input, resolving) => retire(ownSource(input.text('source'), resolving), resolving),
  },
  'energy.attest': {
    document: 'trust',
    fields: ['proof', 'verdict', 'level', 'samples', 'path', 'evidence', 'drawnBy', 'draw'],
    resolve: (input, resolving) => ({
      proof: input.record('proof', proofIds(resolving)),
      verdict: verdictOf(input),
      level: input.optionalScaled('level', 1) ?? witnessedLevel,
      samples: input.optionalScaled('samples', 1) ?? 1,
      path: input.optionalText('path'),
      evidence: input.optionalDigest('evidence'),
      drawnBy: input.optionalDigest('drawnBy'),
      draw: input.optionalBytes('draw'),
    }),
  },
  'atp.charge': {
    document: 'pool',
    fields: ['amount', 'source', 'lifetimeDays'],
    resolve: (input, resolving) => {
      const { held, self } = resolving
      const amount = input.amount('amount')
      const lifetime = input.optionalScaled('lifetimeDays', factors.day)
      if (amount < 1_000) return refuse('invalid-amount', 'a charge is at least 1 ATP')
      if (lifetime !== undefined && (lifetime < 1 || lifetime > 30 * factors.day)) {
        return refuse('malformed', 'lifetimeDays must be more than 0 and at most 30')
      }
      const trust = held.trust(self)
      const source = ownSource(input.text('source'), resolving)
      const [proof, ...supplies] = proofsOf(source, trust)
      return { amount, proof, supplies, lifetime: lifetime ?? trust.policy.atpLifetimeDays }
    },
    refusal(value, resolving) {
      const { proof, supplies } = value as {
        readonly proof: RecordId
        readonly supplies: readonly RecordId[]
      }
      const proofs = [proof, ...supplies]
      const own = [...resolving.held.trust(resolving.self).sources.values()]
      return contestOf(
        own.filter((source) => proofs.includes(source.proof)),
        resolving,
      )
    },
  },
}
