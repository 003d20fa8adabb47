import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import {
  capacityOf,
  integerMax,
  staleAfterMs,
  type Code,
  type Scalar,
} from '../../protocol/index.ts'
import { codeOf, foundedWorld, outcomeOf, solarProof } from '../support/ledger-society.ts'
import { fieldsOf, keyNamed, worldStart } from '../support/ledger-world.ts'

const [anna, berta] = [keyNamed('anna'), keyNamed('berta')]
const hour = 3_600_000
const day = 24 * hour

const base = { measuredAt: worldStart, method: 'test', assurance: 1, evidence: 'ab'.repeat(32) }
const byType: Readonly<Record<string, object>> = {
  solar: { ...base, source: 'solar:test:x1', rated: 300_000 },
  compute: { ...base, source: 'compute:test:x1', tdp: 450_000 },
  grid: { ...base, source: 'grid:test:x1', allocated: 1_000_000 },
  human: { ...base, source: 'human:test:x1' },
  battery: { ...base, source: 'battery:test:x1', dischargeRate: 500_000, stored: 400_000 },
  wind: { ...base, source: 'wind:test:x1', rated: 700_000 },
}

const proofCode = (fields: object, federation = 'test-rules'): Code | null =>
  codeOf(foundedWorld([anna], { federation }), anna, 'energy.prove', fields)

describe('a measurement (R31)', () => {
  test.each([
    ['solar', 30 * day],
    ['compute', day],
    ['grid', 7 * day],
    ['human', day],
    ['battery', hour],
    ['wind', 7 * day],
  ] as const)('of %s is stale at the age of %d ms and not before', (type, ageMs) => {
    expect(staleAfterMs[type]).toBe(ageMs)
    const at = (age: number): Code | null =>
      proofCode({ ...byType[type], measuredAt: worldStart - age })
    expect(at(ageMs - 1)).toBe(null)
    expect(at(ageMs)).toBe('proof-stale')
  })

  test('may be 120 s ahead of its record and no more (R76)', () => {
    const ahead = (ms: number): Code | null =>
      proofCode({ ...byType['solar'], measuredAt: worldStart + ms })
    expect(ahead(120_000)).toBe(null)
    expect(ahead(120_001)).toBe('proof-from-future')
    expect(ahead(integerMax - worldStart)).toBe('proof-from-future')
  })
})

describe('a proof (R31)', () => {
  test.each<[string, object, Code | null]>([
    ['solar', { rated: 0 }, 'invalid-amount'],
    ['solar', { rated: 1 }, null],
    ['solar', { rated: integerMax }, null],
    ['solar', { rated: undefined }, 'malformed'],
    ['solar', { degradation: 499_999 }, 'malformed'],
    ['solar', { degradation: 500_000 }, null],
    ['solar', { degradation: 1_000_001 }, 'malformed'],
    ['solar', { output: 0 }, null],
    ['solar', { output: -1 }, 'invalid-amount'],
    ['compute', { tdp: 0 }, 'invalid-amount'],
    ['compute', { idle: 0 }, null],
    ['compute', { idle: 450_000 }, null],
    ['compute', { idle: 450_001 }, 'malformed'],
    ['compute', { utilisation: 1_000_001 }, 'malformed'],
    ['compute', { model: 'x'.repeat(65) }, 'malformed'],
    ['grid', { peakFactor: 0 }, null],
    ['grid', { peakFactor: -1 }, 'malformed'],
    ['human', { metabolic: 49_999 }, 'malformed'],
    ['human', { metabolic: 50_000 }, null],
    ['human', { metabolic: 200_000 }, null],
    ['human', { metabolic: 200_001 }, 'malformed'],
    ['human', { hours: 0 }, 'malformed'],
    ['human', { hours: 1 }, null],
    ['human', { hours: day }, null],
    ['human', { hours: day + 1 }, 'malformed'],
    ['battery', { stored: 0 }, 'invalid-amount'],
    ['battery', { dischargeRate: 0 }, 'invalid-amount'],
    ['wind', { factor: 1_000_000 }, null],
    ['wind', { factor: 1_000_001 }, 'malformed'],
  ])('of %s with %o: %s', (type, fields, code) => {
    expect(proofCode({ ...byType[type], ...fields })).toBe(code)
  })

  test.each<[object, Code | null]>([
    [{ assurance: 0, evidence: undefined }, null],
    [{ assurance: 1, evidence: undefined }, 'malformed'],
    [{ assurance: 2 }, 'malformed'],
    [{ assurance: -1 }, 'malformed'],
    [{ evidence: 'ab'.repeat(31) }, 'malformed'],
    [{ method: 'x'.repeat(64) }, null],
    [{ method: 'x'.repeat(65) }, 'malformed'],
    [{ latitude: 900, longitude: -1_800 }, null],
    [{ latitude: 901, longitude: 0 }, 'malformed'],
    [{ latitude: 0, longitude: 1_801 }, 'malformed'],
    [{ latitude: 475 }, 'malformed'],
    [{ source: 'solar:test:X1' }, 'invalid-source'],
    [{ source: 'solar:test:n-a' }, 'invalid-source'],
    [{ source: 'sun:test:x1' }, 'invalid-source'],
    [{ poweredBy: 'solar:test:0' }, 'invalid-source'],
    [{ poweredBy: 'solar:test:x1' }, 'invalid-source'],
    [{ poweredBy: 'grid:test:m1' }, 'unknown-reference'],
  ])('with %o: %s', (fields, code) => {
    expect(proofCode({ ...byType['solar'], ...fields })).toBe(code)
  })

  test('has the factors of its own type and no others', () => {
    const world = foundedWorld([anna])
    const written = world.write(anna, [
      new Map<string, Scalar>([...fieldsOf('energy.prove', solarProof(world)), ['tdp', 1]]),
      new Map([['kind', 'energy.prove'] as const]),
    ])
    expect(written).toMatchObject([{ void: 'malformed' }, { void: 'malformed' }])
  })

  test('may be simulated in a test federation only', () => {
    const fields = { ...byType['solar'], simulated: true }
    expect(proofCode(fields, 'test-x')).toBe(null)
    expect(proofCode(fields, 'valley')).toBe('not-authorised')
    expect(proofCode({ ...fields, simulated: false }, 'valley')).toBe(null)
  })

  test('shows capacity exactly, rounded down to the milliwatt', () => {
    const of = capacityOf
    expect(of('solar', { rated: 300_000, degradation: 950_000 })).toBe(285_000)
    expect(of('solar', { rated: 300_000 })).toBe(300_000)
    expect(of('solar', { rated: 333_333, degradation: 999_999 })).toBe(333_332)
    expect(of('wind', { rated: integerMax, factor: 999_999 })).toBe(9_007_190_247_541_735)
    expect(of('wind', { rated: 3, factor: 333_333 })).toBe(0)
    expect(of('grid', { allocated: 1_000, peakFactor: 1 })).toBe(0)
    expect(of('compute', { tdp: 450_000, idle: 30_001, utilisation: 500_001 })).toBe(240_000)
    expect(of('compute', { tdp: 450_000 })).toBe(450_000)
    expect(of('human', {})).toBe(100_000)
    expect(of('human', { metabolic: 50_000 })).toBe(50_000)
    expect(of('battery', { dischargeRate: 500, stored: 400 })).toBe(400)
    expect(of('battery', { dischargeRate: 500, stored: 600 })).toBe(500)
  })

  test('is kept as the newest claim of its source, with what it told', () => {
    const world = foundedWorld([anna])
    const place = { latitude: 475, longitude: -80 }
    const fields = { ...byType['solar'], ...place, simulated: true }
    const proof = world.valid(anna, 'energy.prove', fields)
    const claim = (): unknown => world.replica.trust(anna).sources.get('solar:test:x1')
    expect(claim()).toMatchObject({
      proof,
      type: 'solar',
      capacity: 300_000,
      assurance: 1,
      simulated: true,
      site: place,
      evidence: base.evidence,
      poweredBy: null,
    })
    const bare = { ...byType['solar'], assurance: 0, evidence: undefined }
    world.valid(anna, 'energy.prove', bare)
    expect(claim()).toMatchObject({ assurance: 0, simulated: false, site: null, evidence: null })
  })

  test('tells whether it shows more, or later, than was measured', () => {
    const world = foundedWorld([anna])
    world.now += 60_000
    const unmeasured = (fields: object): boolean => {
      const id = world.valid(anna, 'energy.prove', { ...byType['solar'], ...fields })
      return outcomeOf(world, id, 'proof').unmeasured
    }
    const [first, second] = ['aa', 'bb'].map((byte) => byte.repeat(32))
    expect(unmeasured({ evidence: first })).toBe(false)
    expect(unmeasured({ evidence: first, rated: 299_999 })).toBe(false)
    expect(unmeasured({ evidence: first, rated: 300_000 })).toBe(true)
    expect(unmeasured({ evidence: first, measuredAt: worldStart + 1 })).toBe(true)
    expect(unmeasured({ evidence: second, measuredAt: worldStart + 2, rated: 400_000 })).toBe(false)
    expect(unmeasured({ evidence: first, measuredAt: worldStart + 1 })).toBe(false)
    const claim = { evidence: undefined, assurance: 0 }
    expect(unmeasured({ ...claim, measuredAt: worldStart + 3 })).toBe(false)
    expect(unmeasured({ ...claim, measuredAt: worldStart + 4 })).toBe(false)
  })

  test('tells what a human may charge in a day', () => {
    const world = foundedWorld([anna])
    const energy = (fields: object): number | null => {
      const id = world.valid(anna, 'energy.prove', { ...byType['human'], ...fields })
      return outcomeOf(world, id, 'proof').dailyEnergy
    }
    expect(energy({})).toBe(800_000)
    expect(energy({ metabolic: 50_000, hours: 1 })).toBe(0)
    expect(energy({ metabolic: 200_000, hours: day })).toBe(4_800_000)
  })
})

describe('sources that power one another (R31)', () => {
  const solar = byType['solar'] as object
  const battery = { ...byType['battery'], poweredBy: 'solar:test:x1' }

  test('must not do so in a circle', () => {
    const world = foundedWorld([anna])
    world.valid(anna, 'energy.prove', solar)
    world.valid(anna, 'energy.prove', battery)
    const circle = { ...solar, poweredBy: 'battery:test:x1' }
    expect(world.code(anna, 'energy.prove', circle)).toBe('invalid-source')
    world.valid(anna, 'energy.prove', { ...battery, poweredBy: undefined })
    expect(world.code(anna, 'energy.prove', circle)).toBe(null)
  })
})

describe('a claim of a source (R31, R32)', () => {
  const claimedAt = (world: ReturnType<typeof foundedWorld>): number | undefined =>
    world.replica.trust(anna).sources.get('solar:test:roof')?.claimedAt

  test('has been held since its first proof, and anew after a gap', () => {
    const world = foundedWorld([anna])
    world.valid(anna, 'energy.prove', solarProof(world))
    world.now += 30 * day - 1
    world.valid(anna, 'energy.prove', solarProof(world))
    expect(claimedAt(world)).toBe(worldStart)
    world.now += 30 * day
    world.valid(anna, 'energy.prove', solarProof(world))
    expect(claimedAt(world)).toBe(world.now)
  })

  test('ends once by its retirement', () => {
    const world = foundedWorld([anna, berta])
    const source = 'solar:test:roof'
    expect(world.code(anna, 'energy.retire', { source })).toBe('unknown-reference')
    world.valid(anna, 'energy.prove', solarProof(world))
    expect(world.code(berta, 'energy.retire', { source })).toBe('unknown-reference')
    world.valid(anna, 'energy.retire', { source })
    expect(world.code(anna, 'energy.retire', { source })).toBe('already-ended')
    world.now += 1
    world.valid(anna, 'energy.prove', solarProof(world))
    expect(claimedAt(world)).toBe(worldStart + 1)
    expect(world.code(anna, 'energy.retire', { source })).toBe(null)
  })
})

describe('energy.evidence (R45)', () => {
  const digestOf = (transcript: Uint8Array): string => bytesToHex(sha256(transcript))

  test('is of the own proof and has 1 to 16384 bytes', () => {
    const world = foundedWorld([anna, berta])
    const code = (by: typeof anna, bytes: number): Code | null => {
      const transcript = new Uint8Array(bytes)
      const fields = { ...solarProof(world), evidence: digestOf(transcript) }
      const proof = world.valid(anna, 'energy.prove', fields)
      return codeOf(world, by, 'energy.evidence', { proof, transcript })
    }
    expect(code(anna, 0)).toBe('malformed')
    expect(code(anna, 1)).toBe(null)
    expect(code(anna, 16_384)).toBe(null)
    expect(code(berta, 1)).toBe('not-authorised')
    // A longer value is no record of any kind: the whole change is refused.
    expect(() => code(anna, 16_385)).toThrow('too long')
  })

  test('is the transcript whose digest the proof carries', () => {
    const world = foundedWorld([anna, berta])
    const transcript = new Uint8Array([1, 2, 3])
    const evidence = digestOf(transcript)
    const proof = world.valid(anna, 'energy.prove', { ...solarProof(world), evidence })
    const code = (by: typeof anna, of: string, bytes: readonly number[]): Code | null =>
      codeOf(world, by, 'energy.evidence', { proof: of, transcript: new Uint8Array(bytes) })
    expect(code(anna, proof, [1, 2, 3])).toBe(null)
    expect(code(anna, proof, [1, 2])).toBe('unknown-reference')
    expect(code(berta, proof, [1, 2])).toBe('unknown-reference')
    const claim = { ...solarProof(world), assurance: 0, evidence: undefined }
    const claimed = world.valid(anna, 'energy.prove', claim)
    expect(code(anna, claimed, [1, 2, 3])).toBe('unknown-reference')
  })
})
