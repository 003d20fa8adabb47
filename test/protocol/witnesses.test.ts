import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  drawMessage,
  isChosenWitness,
  rankedWitnesses,
  witnessCandidates,
  witnessesTriedMax,
  type Code,
  type Draw,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { codeOf, foundedWorld, solarProof } from '../support/ledger-society.ts'
import { keyNamed } from '../support/ledger-world.ts'
import { markerSignature } from '../support/ledger-replica.ts'

const crowd = (size: number): readonly SocietyKey[] =>
  Array.from({ length: size }, (_, i) => keyNamed(`member ${i}`))

const proof = `${'ab'.repeat(32)}:0` as RecordId
const other = `${'ab'.repeat(32)}:1` as RecordId
const drawBy = (by: SocietyKey | undefined, byte = '00'): Draw => ({
  by: by as SocietyKey,
  signature: byte.repeat(64),
})

describe('the ranking of witnesses', () => {
  test('is the same for everybody, whatever order they know the members in', () => {
    const members = crowd(40)
    const ranked = rankedWitnesses(proof, null, members)
    expect(rankedWitnesses(proof, null, members.toReversed())).toEqual(ranked)
    expect([...ranked].sort()).toEqual([...members].sort())
    // Pinned: nodes that rank otherwise would not believe each other's witnesses.
    expect(ranked.slice(0, 3).map((member) => members.indexOf(member))).toMatchInlineSnapshot(`
      [
        24,
        9,
        16,
      ]
    `)
  })

  test('is another one for each proof and each draw', () => {
    const members = crowd(40)
    const first = (id: RecordId, draw: string | null) => rankedWitnesses(id, draw, members)[0]
    const draws = [null, '00', '01', '02', '03'].map((draw) => first(proof, draw))
    expect(new Set(draws).size).toBeGreaterThan(2)
    expect(rankedWitnesses(other, null, members)).not.toEqual(rankedWitnesses(proof, null, members))
  })

  test('favours nobody', () => {
    const members = crowd(10)
    const firsts = new Map<SocietyKey, number>()
    for (let place = 0; place < 2_000; place++) {
      const [first] = rankedWitnesses(`${'cd'.repeat(32)}:${place}` as RecordId, null, members)
      if (first !== undefined) firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    for (const member of members) {
      expect(firsts.get(member)).toBeGreaterThan(140)
      expect(firsts.get(member)).toBeLessThan(260)
    }
  })
})

describe('a witness is chosen', () => {
  test('without a draw while no more may be tried than there are', () => {
    const few = crowd(witnessesTriedMax)
    expect(few.every((member) => isChosenWitness(member, proof, null, few))).toBe(true)
    expect(isChosenWitness(keyNamed('stranger'), proof, null, few)).toBe(false)
  })

  test('by a draw of one of the first three otherwise, and six of them', () => {
    const many = crowd(30)
    const chosen = (draw: Draw | null) =>
      many.filter((member) => isChosenWitness(member, proof, draw, many))
    expect(chosen(null)).toEqual([])
    expect(chosen(drawBy(many[3]))).toEqual([])
    for (const by of many.slice(0, 3)) expect(chosen(drawBy(by))).toHaveLength(witnessesTriedMax)
    expect(chosen(drawBy(many[0], '01'))).not.toEqual(chosen(drawBy(many[0], '02')))
  })

  test('not from among kin, unless there are fewer than two others', () => {
    const [parent, child, friend, neighbour] = crowd(4) as [
      SocietyKey,
      SocietyKey,
      SocietyKey,
      SocietyKey,
    ]
    const kin = new Set([parent, child])
    expect(witnessCandidates([parent, child, friend, neighbour], kin)).toEqual([friend, neighbour])
    expect(witnessCandidates([parent, child, friend], kin)).toEqual([parent, child, friend])
  })
})

describe('energy.attest', () => {
  const [anna, berta, clara] = [keyNamed('anna'), keyNamed('berta'), keyNamed('clara')]
  const said = { verdict: true, level: 2, samples: 1 }
  const world = foundedWorld([anna, berta, clara])
  const named = world.valid(anna, 'energy.prove', solarProof(world))
  const signed = (id: RecordId, by: SocietyKey) => markerSignature(drawMessage(id), by)
  const code = (changes: object, by = berta): Code | null =>
    codeOf(world, by, 'energy.attest', { proof: named, ...said, ...changes })

  test.each<[object, Code | null]>([
    [{}, null],
    [{ level: 1 }, 'malformed'],
    [{ level: 4, path: 'direct' }, null],
    [{ level: 1, path: 'direct' }, 'malformed'],
    [{ level: 4, path: 'sealed' }, null],
    [{ level: 1, path: 'relayed' }, null],
    [{ level: 2, path: 'relayed' }, 'malformed'],
    [{ level: 1, path: 'node' }, null],
    [{ level: 2, path: 'node' }, 'malformed'],
    [{ path: 'by hearsay' }, 'malformed'],
    [{ path: 'toString' }, 'malformed'],
    [{ evidence: 'ab'.repeat(32) }, null],
    [{ drawnBy: clara }, 'malformed'],
    [{ draw: new Uint8Array(64) }, 'malformed'],
    [{ drawnBy: clara, draw: new Uint8Array(64) }, 'bad-signature'],
    [{ drawnBy: clara, draw: signed(named, clara) }, null],
    [{ drawnBy: berta, draw: signed(named, clara) }, 'bad-signature'],
    [{ drawnBy: anna, draw: signed(named, anna) }, 'not-authorised'],
  ])('%#: %s is judged %s', (changes, expected) => {
    expect(code(changes)).toBe(expected)
  })

  test('is about another society’s proof', () => {
    expect(code({}, anna)).toBe('not-authorised')
  })

  test('has a transcript of its own, of its author', () => {
    const evidence = createHash('sha256').update(new Uint8Array(1)).digest('hex')
    const given = { proof: named, ...said, evidence }
    const attestation = world.valid(berta, 'energy.attest', given)
    const other = { proof: attestation, transcript: new Uint8Array(2) }
    expect(codeOf(world, berta, 'energy.evidence', other)).toBe('unknown-reference')
    const shown = { proof: attestation, transcript: new Uint8Array(1) }
    expect(codeOf(world, clara, 'energy.evidence', shown)).toBe('not-authorised')
    expect(codeOf(world, berta, 'energy.evidence', shown)).toBe(null)
  })

  test('keeps the word that it contradicts', () => {
    const yes = world.valid(clara, 'energy.attest', { proof: named, ...said })
    const state = () => world.replica.trust(clara).attested.get(named)
    expect(state()).toMatchObject({ id: yes, contradicts: null })
    const no = world.valid(clara, 'energy.attest', { proof: named, ...said, verdict: false })
    expect(state()).toMatchObject({ id: no, contradicts: yes, prover: anna })
    const again = world.valid(clara, 'energy.attest', { proof: named, ...said, verdict: false })
    expect(state()).toMatchObject({ id: again, contradicts: yes })
  })
})
