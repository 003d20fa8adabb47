import { describe, expect, test } from 'vitest'
import { standingMessage, type RecordId } from '../../protocol/index.ts'
import { given } from '../../src/answer.ts'
import { protocols, type Measurement } from '../../src/index.ts'
import {
  askingAlone,
  makeHandsWorld,
  measureHands,
  verifier,
  type HandsWorld,
} from '../support/hands-world.ts'
import {
  decodeStanding,
  encodeStanding,
  encodeWitnessQuestion,
} from '../../src/witness/messages.ts'

const minute = 60_000
const others = ['ada', 'bob', 'cid', 'dan']

async function worked(...employers: readonly string[]): Promise<HandsWorld> {
  const made = await makeHandsWorld({ witness: askingAlone, lawless: new Set(['hands']) })
  for (const employer of employers) await made.work('hands', employer, 60)
  return made
}

/** Proves the hands after changing what was measured. */
async function prove(
  made: HandsWorld,
  change: (measured: Measurement) => Measurement = (measured) => measured,
): Promise<RecordId> {
  const measured = change(await measureHands(made))
  return made.world.settled(made.world.replica('hands').prove(measured))
}

/** What a node said when it looked at a proof; undefined where it did not. */
function saidBy({ world }: HandsWorld, name: string, proof: RecordId) {
  const { events } = world.replica(name).events.after(0)
  return events.find(({ type, data }) => type === 'witness-looked' && data['proof'] === proof)?.data
}

function levelAt({ world }: HandsWorld, name: string): number | undefined {
  const { sources } = world.replica(name).society(world.resident('hands').key).energy
  const [source] = Object.entries(sources).filter(([id]) => id.startsWith('human:'))
  return source?.[1].assurance
}

describe('work by hand (C13, C16, C19)', () => {
  test('is at level 2 where those whom it was done for stand by it', async () => {
    const made = await worked('ada', 'bob', 'cid')
    const proof = await prove(made)
    await made.world.advance(5 * minute)
    expect(others.map((name) => levelAt(made, name))).toEqual([2, 2, 2, 2])
    const said = others.flatMap((name) => saidBy(made, name, proof) ?? [])
    expect(said).toHaveLength(2)
    for (const each of said) expect(each).toMatchObject({ verdict: true, level: 2, path: 'direct' })
  })

  test('is denied where one of them does not', async () => {
    const made = await worked('ada', 'bob', 'cid')
    const receipt = await made.work('hands', 'dan', 60)
    await made.world.settled(made.world.replica('dan').disown(receipt))
    const proof = await prove(made)
    await made.world.advance(5 * minute)
    const said = others.flatMap((name) => saidBy(made, name, proof) ?? [])
    expect(said).toHaveLength(2)
    for (const each of said) {
      const reason = expect.stringContaining(`does not stand by ${receipt}`)
      expect(each).toMatchObject({ verdict: false, reason })
    }
    expect(levelAt(made, 'ada')).toBe(1)
  })

  test('is denied by one who does not, though fewer than three answer', async () => {
    const made = await worked('ada', 'bob', 'cid')
    const receipt = await made.work('hands', 'dan', 60)
    await made.world.settled(made.world.replica('dan').disown(receipt))
    await made.world.stop('cid')
    await made.world.stop('bob')
    const proof = await prove(made)
    await made.world.advance(5 * minute)
    const said = ['ada', 'dan'].flatMap((name) => saidBy(made, name, proof) ?? [])
    expect(said.length).toBeGreaterThan(0)
    for (const each of said) {
      const reason = expect.stringContaining(`does not stand by ${receipt}`)
      expect(each).toMatchObject({ verdict: false, reason })
    }
    expect(levelAt(made, 'ada')).toBe(1)
  })

  test('is no word where fewer than three answer: silence is no denial', async () => {
    const made = await worked('ada', 'bob', 'cid')
    await made.world.stop('cid')
    const proof = await prove(made)
    await made.world.advance(5 * minute)
    const said = saidBy(made, 'ada', proof) ?? saidBy(made, 'bob', proof)
    expect(said).toMatchObject({ record: null, code: 'peer-unavailable' })
    await made.world.start('cid')
    await made.world.advance(60 * minute)
    expect(levelAt(made, 'dan')).toBe(2)
  })

  test('is no word where one of three answers is signed by nobody', async () => {
    const made = await worked('ada', 'bob', 'cid')
    const forged = given(encodeStanding([true], new Uint8Array(64)))
    made.world.wires.node('cid')?.serve(protocols.measure, async () => forged)
    const proof = await prove(made)
    await made.world.advance(5 * minute)
    const said = others.flatMap((name) => saidBy(made, name, proof) ?? [])
    expect(said.length).toBeGreaterThan(0)
    for (const each of said) expect(each).toMatchObject({ record: null, code: 'peer-unavailable' })
  })

  test.each([
    ['more hours than others attest', { fields: { metabolic: 100, hours: 7 } }, 'Wh a day, not'],
    ['another’s hands', { source: `human:receipts:${'ab'.repeat(16)}` }, 'these are the hands of'],
  ])('is denied for %s', async (_, changed, words) => {
    const made = await worked('ada', 'bob', 'cid')
    const proof = await prove(made, (measured) => ({ ...measured, ...changed }))
    await made.world.advance(5 * minute)
    const said = others.flatMap((name) => saidBy(made, name, proof) ?? [])
    expect(said.length).toBeGreaterThan(1)
    for (const each of said) {
      expect(each).toMatchObject({ verdict: false, reason: expect.stringContaining(words) })
    }
  })

  test('is no word where a receipt that it names is not held', async () => {
    const made = await worked('ada', 'bob', 'cid')
    const proof = await prove(made, (measured) => {
      const told = JSON.parse(new TextDecoder().decode(measured.transcript))
      const exchanges = [...told.exchanges, { id: `${'ab'.repeat(32)}:0` }]
      const transcript = new TextEncoder().encode(JSON.stringify({ ...told, exchanges }))
      return { ...measured, transcript }
    })
    await made.world.advance(5 * minute)
    const said = others.flatMap((name) => saidBy(made, name, proof) ?? [])
    expect(said[0]).toMatchObject({ record: null, code: 'unknown-reference' })
  })
})

describe('who is asked about receipts (C17)', () => {
  const nonce = '5a'.repeat(16)

  async function ask(made: HandsWorld, by: string, proof: RecordId, ...receipts: RecordId[]) {
    const body = encodeWitnessQuestion({ type: 'stand', proof, nonce, receipts })
    const network = made.world.wires.node(by)
    if (network === undefined) throw new RangeError(`${by} is down`)
    return made.world.settled(network.request('ada', protocols.measure, body))
  }
  const refusal = (answer: Uint8Array) => new TextDecoder().decode(answer).split(' ')[0]

  test('signs for each whether it stands by it, and for this nonce', async () => {
    const made = await worked('ada', 'bob', 'cid')
    const proof = await prove(made)
    const { self } = made.world.replica('hands')
    const receipts = await made.world.replica('ada').receipts(new Set([self]), 0)
    const [own, another] = ['ada', 'bob'].map((name) => {
      const { key } = made.world.resident(name)
      return receipts.find(({ beneficiary }) => beneficiary === key)?.id as RecordId
    }) as [RecordId, RecordId]
    const answer = await ask(made, 'dan', proof, own, another)
    const read = decodeStanding(answer.slice(1), 2)
    expect(read?.said).toEqual([true, false])
    const said = [
      { receipt: own, stands: true },
      { receipt: another, stands: false },
    ]
    const key = made.world.resident('ada').signer.publicKey
    const check = (message: Uint8Array) =>
      verifier.verify(read?.signature ?? new Uint8Array(64), message, key)
    expect(check(standingMessage(proof, nonce, said))).toBe(true)
    expect(check(standingMessage(proof, 'a5'.repeat(16), said))).toBe(false)
    expect(refusal(await ask(made, 'hands', proof, own))).toBe('\0not-authorised')
    const unknown = `${'0'.repeat(64)}:0` as RecordId
    expect(refusal(await ask(made, 'dan', proof, unknown))).toBe('\0unknown-reference')
    expect(refusal(await ask(made, 'dan', proof))).toBe('\0malformed')
  })

  test('disowns only receipts of work that was done for it', async () => {
    const made = await worked('ada')
    const proof = await made.work('hands', 'bob', 30)
    const disowning = made.world.settled(made.world.replica('ada').disown(proof))
    await expect(disowning).rejects.toMatchObject({ code: 'not-authorised' })
  })
})
