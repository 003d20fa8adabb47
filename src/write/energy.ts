import {
  advancePool,
  copyPool,
  didOf,
  factorNames,
  leftPartsMax,
  parseSourceId,
  sumOf,
  witnessedLevel,
  type Left,
  type RecordId,
  type SourceType,
  type TrustState,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { refuseImplausible } from './implausible.ts'
import { factors, refuse, type Input } from './input.ts'
import { ownSource } from './own-source.ts'
import { liveIds, type Resolver, type Resolving } from './resolver.ts'

const ratios: ReadonlySet<string> = new Set(['degradation', 'utilisation', 'peakFactor', 'factor'])
const mayBeZero: ReadonlySet<string> = new Set(['idle', 'output', 'stored'])

function factorOf(name: string, input: Input): number | string | undefined {
  if (name === 'model') return input.optionalText(name)
  if (name === 'hours') return input.optionalScaled(name, factors.hour)
  if (ratios.has(name)) return input.optionalRatio(name)
  return input.optionalAmount(name, mayBeZero.has(name))
}

const requiredFactors: Readonly<Record<SourceType, readonly string[]>> = {
  solar: ['rated'],
  wind: ['rated'],
  compute: ['tdp'],
  grid: ['allocated'],
  human: [],
  battery: ['dischargeRate', 'stored'],
}

/** A site `LAT,LON` in tenths of a degree. */
function siteOf(input: Input): { latitude?: number; longitude?: number } {
  const text = input.optionalText('site')
  if (text === undefined) return {}
  const match = /^(-?\d{1,2}(?:\.\d+)?),\s*(-?\d{1,3}(?:\.\d+)?)$/.exec(text)
  if (match === null) return refuse('malformed', 'site must be LAT,LON in degrees')
  const tenths = (degrees: string | undefined): number => Math.round(Number(degrees) * 10)
  return { latitude: tenths(match[1]), longitude: tenths(match[2]) }
}

/** Refuses a proof that this node knows to be beaten by a rival's claim. */
function refuseRival(source: string, level: number, { claims, self, now }: Resolving): void {
  const rival = claims.obstacle(self, source, level, now)
  if (rival === undefined) return
  throw new Failure(
    'source-claimed',
    `${source} is ${didOf(rival.society)}’s until it retires it`,
    {
      record: rival.proof,
    },
  )
}

/** The retirement that a first proof of a source names, where another society held it last. */
function releaseOf(source: string, { claims, held, self }: Resolving): RecordId | undefined {
  const own = held.trust(self).sources.get(source)
  if (own !== undefined && own.retired === null) return undefined
  const last = claims.lastRetirement(source)
  return last === undefined || last.society === self ? undefined : last.record
}

function prove(input: Input, resolving: Resolving): object {
  const { now } = resolving
  const source = input.text('source')
  const parts = parseSourceId(source)
  if ('code' in parts) return refuse(parts.code, parts.message)
  const poweredBy = input.optionalText('poweredBy')
  const missing = requiredFactors[parts.type].find((name) => !input.has(name))
  if (missing !== undefined) return refuse('malformed', `${missing} is missing`)
  const evidence = input.optionalDigest('evidence')
  const assurance = evidence === undefined ? 0 : (input.optionalScaled('assurance', 1) ?? 0)
  const measuredAt = input.optionalInstant('measuredAt') ?? now
  const measured = Object.fromEntries(
    factorNames[parts.type].map((name) => [name, factorOf(name, input)]),
  )
  refuseRival(source, assurance, resolving)
  const proof = {
    source,
    measuredAt,
    method: input.optionalText('method') ?? 'claimed',
    assurance,
    evidence,
    poweredBy: poweredBy === undefined ? undefined : ownSource(poweredBy, resolving),
    simulated: input.optionalFlag('simulated') === true ? true : undefined,
    released: releaseOf(source, resolving),
    ...siteOf(input),
    ...measured,
  }
  refuseImplausible(proof, resolving)
  return proof
}

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
function proofsOf(
  sourceId: string,
  trust: TrustState,
  { claims, self }: Resolving,
): readonly RecordId[] {
  const proofs: RecordId[] = []
  for (let id: string | null = sourceId; id !== null;) {
    const source = trust.sources.get(id)
    if (source === undefined || proofs.length > trust.sources.size) {
      return refuse('unknown-reference', `no source ${id} of this society; prove it first`)
    }
    if (source.retired !== null) return refuse('already-ended', `${id} is retired`)
    const { state, rival } = claims.standing(self, source)
    if (rival !== null) {
      const code = state === 'beaten' ? 'source-claimed' : 'source-contested'
      const message = `${id} is claimed by ${didOf(rival.society)} as well`
      throw new Failure(code, message, { record: rival.proof })
    }
    proofs.push(source.proof)
    id = source.poweredBy
  }
  return proofs
}

/** How proofs and charges are written. */
export const energyResolvers: Readonly<Record<string, Resolver>> = {
  'energy.prove': { document: 'trust', resolve: prove },
  'energy.evidence': {
    document: 'pool',
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
    resolve: (input, resolving) => retire(ownSource(input.text('source'), resolving), resolving),
  },
  'energy.attest': {
    document: 'trust',
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
      const [proof, ...supplies] = proofsOf(source, trust, resolving)
      return { amount, proof, supplies, lifetime: lifetime ?? trust.policy.atpLifetimeDays }
    },
  },
}
