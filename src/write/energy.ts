import {
  factorNames,
  parseSourceId,
  type RecordId,
  type SourceType,
  type TrustState,
} from '../../protocol/index.ts'
import { factors, refuse, type Input } from './input.ts'
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

function prove(input: Input, { now }: Resolving): object {
  const source = input.text('source')
  const parts = parseSourceId(source)
  if ('code' in parts) return refuse(parts.code, parts.message)
  const missing = requiredFactors[parts.type].find((name) => !input.has(name))
  if (missing !== undefined) return refuse('malformed', `${missing} is missing`)
  const evidence = input.optionalDigest('evidence')
  return {
    source,
    measuredAt: input.optionalInstant('measuredAt') ?? now,
    method: input.optionalText('method') ?? 'claimed',
    assurance: evidence === undefined ? 0 : (input.optionalScaled('assurance', 1) ?? 0),
    evidence,
    poweredBy: input.optionalText('poweredBy'),
    simulated: input.optionalFlag('simulated') === true ? true : undefined,
    ...siteOf(input),
    ...Object.fromEntries(factorNames[parts.type].map((name) => [name, factorOf(name, input)])),
  }
}

/** Newest proofs of a source and of what powers it, nearest first. */
function proofsOf(trust: TrustState, sourceId: string): readonly RecordId[] {
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
    resolve: (input) => ({ source: input.text('source') }),
  },
  'atp.charge': {
    document: 'pool',
    resolve: (input, { held, self }) => {
      const amount = input.amount('amount')
      const lifetime = input.optionalScaled('lifetimeDays', factors.day)
      if (amount < 1_000) return refuse('invalid-amount', 'a charge is at least 1 ATP')
      if (lifetime !== undefined && (lifetime < 1 || lifetime > 30 * factors.day)) {
        return refuse('malformed', 'lifetimeDays must be more than 0 and at most 30')
      }
      const trust = held.trust(self)
      const [proof, ...supplies] = proofsOf(trust, input.text('source'))
      return { amount, proof, supplies, lifetime: lifetime ?? trust.policy.atpLifetimeDays }
    },
  },
}
