import {
  didOf,
  factorNames,
  parseSourceId,
  type RecordId,
  type SourceType,
} from '../../protocol/index.ts'
import { otherNameOf } from '../energy/same-device.ts'
import { Failure } from '../failure.ts'
import { implausibility, type ResolvedProof } from './implausible.ts'
import { factors, refuse, type Input } from './input.ts'
import { ownSource } from './own-source.ts'
import type { Refusal, Resolver, Resolving } from './resolver.ts'

const ratios: ReadonlySet<string> = new Set(['degradation', 'utilisation', 'peakFactor', 'factor'])
const mayBeZero: ReadonlySet<string> = new Set(['idle', 'output'])

function factorOf(name: string, input: Input): number | string | undefined {
  if (name === 'model') return input.optionalText(name)
  if (name === 'hours') return input.optionalScaled(name, factors.hour)
  if (ratios.has(name)) return input.optionalRatio(name)
  return input.optionalAmount(name, mayBeZero.has(name))
}

/** Fields of a proof whatever its type. */
const ofEveryType: readonly string[] = [
  'source',
  'measuredAt',
  'method',
  'site',
  'poweredBy',
  'evidence',
  'assurance',
  'simulated',
]

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
  if (Math.abs(Number(match[1])) > 90 || Math.abs(Number(match[2])) > 180) {
    return refuse('malformed', 'site must be from -90 to 90 degrees north, -180 to 180 east')
  }
  const tenths = (degrees: string | undefined): number => Math.round(Number(degrees) * 10)
  return { latitude: tenths(match[1]), longitude: tenths(match[2]) }
}

type Rival = NonNullable<ReturnType<Resolving['claims']['obstacle']>>

/** What is wrong with a proof that this node knows to be beaten by a rival's claim. */
function rivalry(
  { source, assurance }: { readonly source: string; readonly assurance: number },
  resolving: Resolving,
): Refusal {
  const { claims, self, now, witnessedLevel } = resolving
  const level = Math.max(assurance, witnessedLevel)
  const rival = claims.obstacle(self, source, level, now)
  if (rival === undefined) return otherName({ source, level }, resolving)
  return claimedBy(rival, source)
}

/** That a source, told of so, is another society's. */
function claimedBy(rival: Rival, what: string): Failure {
  const message = `${what} is ${didOf(rival.society)}’s until it retires it`
  return new Failure('source-claimed', message, { record: rival.proof })
}

/**
 * What is wrong with a first proof of a device that is claimed by the name of another interface.
 * Whoever has proven it by both before goes on with either.
 */
function otherName(
  { source, level }: { readonly source: string; readonly level: number },
  { claims, held, self, now }: Resolving,
): Refusal {
  const other = otherNameOf(source)
  const { sources } = held.trust(self)
  const own = sources.get(source)
  if (other === undefined || (own !== undefined && own.retired === null)) return undefined
  const twin = sources.get(other)
  const what = `${source} is the same device as ${other}`
  if (twin !== undefined && twin.retired === null) {
    const message = `${what}, which is proven; measure that one again, or retire it first`
    return new Failure('implausible-proof', message, { record: twin.proof })
  }
  const rival = claims.obstacle(self, other, level, now)
  return rival && claimedBy(rival, `${what}, which`)
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
  input.only([...ofEveryType, ...factorNames[parts.type]])
  const poweredBy = input.optionalText('poweredBy')
  const missing = requiredFactors[parts.type].find((name) => !input.has(name))
  if (missing !== undefined) return refuse('malformed', `${missing} is missing`)
  const evidence = input.optionalDigest('evidence')
  const assurance = evidence === undefined ? 0 : (input.optionalScaled('assurance', 1) ?? 0)
  const measuredAt = input.optionalInstant('measuredAt') ?? now
  const measured = Object.fromEntries(
    factorNames[parts.type].map((name) => [name, factorOf(name, input)]),
  )
  return {
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
}

/** How proofs are written. */
export const proofResolver: Resolver = {
  document: 'trust',
  fields: [...ofEveryType, ...new Set(Object.values(factorNames).flat())],
  resolve: prove,
  refusal(value, resolving) {
    const proof = value as ResolvedProof & { readonly assurance: number }
    return rivalry(proof, resolving) ?? implausibility(proof, resolving)
  },
}
