import { describe, expect, test } from 'vitest'
import {
  acknowledgementMessage,
  actorOf,
  checkpointMessage,
  decodeCheckpoint,
  decodeStatement,
  encodeCheckpoint,
  encodeStatement,
  isKept,
  isOutOfReach,
  namedMsMax,
  standingKinds,
  type ChangeHash,
  type Checkpoint,
  type CheckpointStatement,
  type Code,
  type SocietyKey,
} from '../../protocol/index.ts'
import { markerSignature } from '../support/ledger-replica.ts'
import { adopted, charged, codeOf, foundedWorld } from '../support/ledger-society.ts'
import { keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta] = [keyNamed('anna'), keyNamed('berta')]
const witnesses = ['a', 'b', 'c', 'd'].map(keyNamed)
const statement: CheckpointStatement = {
  actor: actorOf('pool', anna),
  seq: 5,
  hash: '5'.repeat(64) as ChangeHash,
  size: 1_000,
  digest: 'd'.repeat(64),
  term: 0,
}

type Signing = Partial<CheckpointStatement> & {
  readonly by?: readonly SocietyKey[]
  readonly message?: Uint8Array
}

/** A checkpoint of anna's pool, signed by the first three of her witnesses. */
function checkpointOf({ by = witnesses.slice(0, 3), message, ...given }: Signing = {}): Checkpoint {
  const stated = { ...statement, ...given }
  const signed = message ?? checkpointMessage(stated)
  const signatures = by
    .toSorted()
    .map((witness) => ({ witness, signature: markerSignature(signed, witness) }))
  return { ...stated, signatures }
}

const worldOf = (): LedgerWorld => foundedWorld([anna, berta], { witnesses })
const written = (signing?: Signing, world = worldOf(), by = anna): Code | null =>
  codeOf(world, by, 'society.checkpoint', { checkpoint: checkpointOf(signing) })

describe('society.checkpoint (H5)', () => {
  test('notes the newest of each document with 2f + 1 signatures', () => {
    const world = worldOf()
    world.valid(anna, 'society.checkpoint', { checkpoint: checkpointOf() })
    const trust = actorOf('trust', anna)
    const own = { actor: trust, seq: 2 }
    world.valid(anna, 'society.checkpoint', { checkpoint: checkpointOf(own) })
    const { checkpoints } = world.replica.trust(anna)
    expect([...checkpoints.keys()]).toEqual([statement.actor, trust])
    expect(checkpoints.get(statement.actor)).toMatchObject({ seq: 5, digest: statement.digest })
    expect(written({}, world)).toBe('already-ended')
    expect(written({ seq: 4 }, world)).toBe('already-ended')
    expect(written({ seq: 6 }, world)).toBe(null)
  })

  test.each<[string, Signing]>([
    ['one too few', { by: witnesses.slice(0, 2) }],
    ['a stranger among them', { by: [...witnesses.slice(0, 2), keyNamed('x')] }],
    ['its author', { by: [...witnesses.slice(0, 2), anna] }],
    ['nobody', { by: [] }],
    [
      'for another digest',
      { message: checkpointMessage({ ...statement, digest: '0'.repeat(64) }) },
    ],
    ['for another place', { message: checkpointMessage({ ...statement, seq: 6 }) }],
    ['for another size', { message: checkpointMessage({ ...statement, size: 1 }) }],
    ['under an acknowledgement', { message: acknowledgementMessage(statement) }],
  ])('is void signed by %s (H3)', (_, signing) => {
    expect(written(signing)).toBe('bad-signature')
  })

  test('is of a document of its author, of what is there, by the witnesses of now', () => {
    expect(written({ actor: actorOf('pool', berta) })).toBe('malformed')
    expect(written({ actor: actorOf('trust', anna), seq: 2 })).toBe('unknown-reference')
    expect(written({ actor: actorOf('trust', anna), seq: 1 })).toBe(null)
    expect(written({ term: 1 })).toBe('unknown-reference')
    const none = foundedWorld([anna])
    expect(written({}, none)).toBe('unknown-reference')
  })

  test('has one spelling (H3)', () => {
    const bytes = encodeCheckpoint(checkpointOf())
    expect(decodeCheckpoint(bytes)).toEqual({ ok: true, value: checkpointOf() })
    expect(decodeCheckpoint(Uint8Array.of(...bytes, 0)).ok).toBe(false)
    expect(decodeCheckpoint(bytes.subarray(0, -1)).ok).toBe(false)
    const signatures = checkpointOf().signatures.toReversed()
    expect(decodeCheckpoint(encodeCheckpoint({ ...checkpointOf(), signatures })).ok).toBe(false)
    expect(decodeStatement(encodeStatement(statement))).toEqual({ ok: true, value: statement })
    expect(decodeStatement(encodeStatement({ ...statement, seq: 0 })).ok).toBe(false)
  })
})

describe('the reach of a name (H1)', () => {
  /** What becomes of a take of a grant, or of its revoke, so long after it. */
  const after = (ms: number, kind: string): Code | null => {
    const world = worldOf()
    const admission = adopted(world, anna, berta)
    charged(world, anna, 100_000, 30 * 86_400_000)
    const grant = world.valid(anna, 'allocation.grant', { to: berta, amount: 1_000, admission })
    world.now += ms
    const by = kind === 'allocation.take' ? berta : anna
    return codeOf(world, by, kind, { grant }, { exactly: true })
  }

  test('ends after the longest life of ATP and 30 days', () => {
    // Expired long before, but told apart: what was dropped cannot tell.
    expect(after(namedMsMax, 'allocation.revoke')).toBe('already-ended')
    expect(after(namedMsMax + 1, 'allocation.revoke')).toBe('expired')
    expect(after(1_000, 'allocation.take')).toBe(null)
    expect(after(namedMsMax + 1, 'allocation.take')).toBe('expired')
  })

  test('comes before whatever else is wrong with what is named', () => {
    const world = worldOf()
    const held = world.put(anna, 'atp.charge', { amount: 0 })
    expect(held.void).not.toBe(null)
    const take = { grant: held.id }
    expect(codeOf(world, berta, 'allocation.take', take)).toBe('unknown-reference')
    world.now += namedMsMax + 1
    expect(codeOf(world, berta, 'allocation.take', take, { exactly: true })).toBe('expired')
  })

  test('has no end for what holds as long as it says', () => {
    const world = worldOf()
    const admission = adopted(world, anna, berta)
    world.now += 10 * namedMsMax
    charged(world, anna, 100_000)
    const grant = { to: berta, amount: 1_000, admission }
    expect(codeOf(world, anna, 'allocation.grant', grant)).toBe(null)
    for (const kind of standingKinds) expect(isOutOfReach(kind, 0, namedMsMax + 1)).toBe(false)
    expect(isOutOfReach('atp.charge', 0, namedMsMax + 1)).toBe(true)
    expect(isOutOfReach('atp.charge', 0, namedMsMax)).toBe(false)
  })

  test('has no end for a trade that was settled: it is claimed however late, and once', () => {
    const world = worldOf()
    adopted(world, anna, berta)
    charged(world, anna, 100_000, 30 * 86_400_000)
    const offer = world.valid(anna, 'trade.offer', { amount: 1_000, price: 0, expires: 60_000 })
    const acceptance = world.valid(berta, 'trade.accept', { offer, amount: 1_000 })
    const settlement = world.valid(anna, 'trade.settle', { acceptance })
    world.now += 10 * namedMsMax
    world.valid(berta, 'trade.claim', { settlement })
    world.now += 10 * namedMsMax
    const again = codeOf(world, berta, 'trade.claim', { settlement }, { exactly: true })
    expect(again).toBe('already-claimed')
  })

  test('is how far the content of a checkpoint goes back (H2)', () => {
    expect(isKept({ time: 0, kinds: ['atp.charge'] }, namedMsMax)).toBe(true)
    expect(isKept({ time: 0, kinds: ['atp.charge'] }, namedMsMax + 1)).toBe(false)
    expect(isKept({ time: 0, kinds: ['', 'vouch.give'] }, namedMsMax + 1)).toBe(true)
  })
})
