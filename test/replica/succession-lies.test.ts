import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../node/simulate/random.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import type { World } from '../../node/simulate/world.ts'
import {
  acknowledgementMessage,
  appointingMessage,
  quorumOf,
  type Appointing,
  type TermPlaced,
} from '../../protocol/index.ts'
import {
  acknowledged,
  amendmentOf,
  appointed,
  baseOf,
  branchOf,
  ended,
  hasSigned,
  keyOf,
  shown,
  successionWorld,
  type Branch,
} from '../support/succession-world.ts'

// f = 1 of 4 in every set: w4 and n3 sign whatever they are asked to.
const old = ['w1', 'w2', 'w3', 'w4']
const others = ['n1', 'n2', 'n3']
const liars = new Set(['w4', 'n3'])
const honest = [...old, ...others].filter((name) => !liars.has(name))
const sets = { one: ['w1', 'n1', 'n2', 'n3'], other: ['w1', 'w2', 'n1', 'n3'] } as const
type SetName = keyof typeof sets

/** Something that enough signatures make final, and the branch it is on; null for both. */
type Claim = {
  readonly what: 'acknowledgement' | 'appointment'
  readonly branch: number | null
  readonly placed: TermPlaced
  readonly set: SetName | null
  readonly message: Uint8Array
  readonly signatures: Map<string, Uint8Array>
}

const membersOf = ({ what, set }: Claim): readonly string[] =>
  what === 'appointment' || set === null ? old : sets[set]

/** Those of whom enough have signed a claim, and how many have. */
const countOf = (claim: Claim): number =>
  membersOf(claim).filter((name) => claim.signatures.has(name)).length

const isEnough = (claim: Claim): boolean => countOf(claim) >= quorumOf(4)

/** What the liars sign at once. */
const liesOf = (message: Uint8Array): Map<string, Uint8Array> =>
  new Map([...liars].map((name) => [name, signerOf(name).sign(message)]))

const appointingOf = (placed: TermPlaced, set: SetName): Appointing => ({
  ...placed,
  witnesses: sets[set].map(keyOf),
})

/** All that sage may want of its witnesses, on two branches and for two sets. */
function claimsOf(base: Omit<TermPlaced, 'term'>, branches: readonly Branch[]): readonly Claim[] {
  const claims: Claim[] = []
  const appoint = (branch: number | null, place: Omit<TermPlaced, 'term'>): void => {
    for (const set of ['one', 'other'] as const) {
      const placed = { ...place, term: 1 }
      const message = appointingMessage(appointingOf(placed, set))
      const signatures = liesOf(message)
      claims.push({ what: 'appointment', branch, placed, set, message, signatures })
    }
  }
  appoint(null, base)
  branches.forEach(({ places }, branch) => {
    for (const place of places) {
      appoint(branch, place)
      for (const term of [0, 1]) {
        const placed = { ...place, term }
        const message = acknowledgementMessage(placed)
        const signatures = liesOf(message)
        const of = { what: 'acknowledgement', branch, placed, message, signatures } as const
        // Who is in both sets signs for both at once.
        if (term === 0) claims.push({ ...of, set: null })
        else claims.push({ ...of, set: 'one' }, { ...of, set: 'other' })
      }
    }
  })
  return claims
}

/** What is final: acknowledged by enough of the set that spoke, which was appointed by enough. */
function finalOf(claims: readonly Claim[]): readonly Claim[] {
  const appointments = claims.filter((claim) => claim.what === 'appointment' && isEnough(claim))
  const mayTell = ({ set, placed }: Claim): boolean =>
    set === null || appointments.some((made) => made.set === set && made.placed.seq < placed.seq)
  const told = claims.filter(
    (claim) => claim.what === 'acknowledgement' && isEnough(claim) && mayTell(claim),
  )
  return [...appointments, ...told]
}

/** Asks one witness to sign one claim. */
async function press(world: World, witness: string, claim: Claim): Promise<void> {
  const { what, placed, set, message, signatures } = claim
  const signature =
    what === 'appointment' && set !== null
      ? await appointed(world, witness, appointingOf(placed, set))
      : await acknowledged(world, witness, placed)
  if (signature !== undefined && hasSigned(witness, signature, message)) {
    signatures.set(witness, signature)
  }
}

/** Tells a witness of an appointment that enough have signed. */
async function tell(world: World, witness: string, claim: Claim): Promise<void> {
  if (claim.set === null || !isEnough(claim)) return
  const acknowledgements = [...claim.signatures]
    .filter(([name]) => old.includes(name))
    .map(([name, signature]) => ({ witness: keyOf(name), signature }))
    .toSorted((a, b) => (a.witness < b.witness ? -1 : 1))
  const handover = { ...claim.placed, acknowledgements }
  await shown(world, witness, await amendmentOf(world, sets[claim.set].map(keyOf), handover))
}

const pick = <T>(random: SeededRandom, list: readonly T[]): T =>
  list[Math.floor(random.next() * list.length)] as T

describe('no order of messages makes two pasts final over a change of witnesses (F10, F13)', () => {
  const seen = { appointed: 0, toldBefore: 0, toldAfter: 0 }

  test.each(Array.from({ length: 24 }, (_, seed) => seed))('order %i', async (seed) => {
    const random = new SeededRandom(seed)
    const world = await successionWorld(seed, old, others)
    const everybody = [...world.residents.keys()]
    world.wires.partition(everybody.map((name) => [name]))
    const branches = [await branchOf(world, 'one', 2), await branchOf(world, 'other', 2)]
    const claims = claimsOf(baseOf(world), branches)
    const appointments = claims.filter(({ what }) => what === 'appointment')
    // Each sees one branch, and few the other as well.
    const sees = new Map(honest.map((name) => [name, random.next() < 0.5 ? 0 : 1]))
    const favourite = pick(random, appointments)
    for (let step = 0; step < 260; step++) {
      const witness = pick(random, honest)
      const what = random.next()
      if (what < 0.15) {
        const branch = random.next() < 0.05 ? 0 : sees.get(witness)
        await shown(world, witness, pick(random, branches[branch ?? 0]!.frames))
      } else if (what < 0.18) await ended(world, witness, 1)
      else if (what < 0.35) await press(world, witness, favourite)
      else if (what < 0.45) await tell(world, witness, favourite)
      else if (what < 0.5) await tell(world, witness, pick(random, appointments))
      else await press(world, witness, pick(random, claims))
    }
    const final = finalOf(claims)
    const pasts = new Set(final.flatMap(({ branch }) => (branch === null ? [] : [branch])))
    expect(pasts.size).toBeLessThan(2)
    const [made, second] = final.filter(({ what }) => what === 'appointment')
    expect(second).toBeUndefined()
    const after = final.filter(
      ({ placed, what }) => what === 'acknowledgement' && placed.term === 1,
    )
    const before = final.filter(
      ({ placed, what }) => what === 'acknowledgement' && placed.term === 0,
    )
    expect(before.every(({ placed }) => placed.seq <= (made?.placed.seq ?? Infinity))).toBe(true)
    if (made !== undefined) seen.appointed++
    if (before.length > 0) seen.toldBefore++
    if (after.length > 0) seen.toldAfter++
  })

  test('reach changes of witnesses, and what is told before and after them', () => {
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0)
  })
})
