import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sealBackingFile } from '../../node/backing/backing-file.ts'
import { verifyBackingFile } from '../../node/backing/verify.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { didOf, encodeBackingFile, peekChange, type BackingFile } from '../../protocol/index.ts'
import { BackingWorld, codeOf } from '../support/backing-world.ts'
import { readContent, replayed } from '../support/found-again.ts'

const hour = 3_600_000

/** Societies of a chain of three trades and eight grants, the deepest that lending goes. */
const names = Array.from({ length: 12 }, (_, i) => `s${i}`)

async function longChain(): Promise<BackingWorld> {
  const made = await BackingWorld.of([...names, 'elm', 'oak'])
  const proof = await made.prove('s0')
  await made.witness('s0', proof, 2)
  await made.charge('s0', 100)
  for (const [i, name] of names.slice(1).entries()) {
    const giver = names[i] ?? ''
    if (i < 3) await made.trade(giver, name, 90 - i)
    else await made.lend(giver, name, 80 - i)
  }
  return made
}

const long = await longChain()
const asked = await long.export('elm', 's11')
const sealed = new Uint8Array(await sealBackingFile(asked.content))
const { at, ...content } = readContent(asked.content)
const file: BackingFile = { at, ...content }

/** Verifies a file soon after it was written. */
const verify = (bytes: Uint8Array, options: object = {}) =>
  verifyBackingFile(bytes, { now: at + hour, ...options })

const verifyContent = async (changed: BackingFile, options: object = {}) =>
  verify(await sealBackingFile(encodeBackingFile(changed)), options)

/** The file without the changes of a document from a place on. */
const without = (actor: string, from: number): BackingFile => ({
  ...file,
  documents: file.documents.map((frame) =>
    frame.actor === actor ? { ...frame, changes: frame.changes.slice(0, from - 1) } : frame,
  ),
})

describe('a chain of eleven hops (K1, K2, K8, K9)', () => {
  it('is found again offline, the very same', async () => {
    const { file: told, ...view } = await verify(sealed)
    expect(view).toEqual(asked.view)
    expect(view).toMatchObject({ claimed: 70, proven: 70, byAssurance: { 2: 70 }, problems: [] })
    const [batch] = view.batches
    const ids = batch?.chain ?? []
    const elm = long.world.replica('elm')
    const records = await Promise.all(ids.map((id) => elm.record(id as never)))
    const hops = Array.from({ length: 8 }, () => ['allocation.take', 'allocation.grant']).flat()
    const trades = Array.from({ length: 3 }, () => ['trade.claim', 'trade.settle']).flat()
    const proofs = ['energy.prove', 'energy.evidence', 'energy.attest', 'energy.attest']
    const kinds = [...hops, ...trades, 'atp.charge', ...proofs]
    expect(records.map((record) => record?.kind)).toEqual(kinds)
    const digest = createHash('sha256').update(asked.content).digest('hex')
    expect(told).toMatchObject({ digest, aliveNow: 70, ageMs: hour, testFederation: true })
    expect(told.heard.map(({ name }) => name)).toEqual(['s11', 's0'])
  })

  it('has the members that JSON promises first and in their order', async () => {
    const { file: _file, ...view } = await verify(sealed)
    const first = ['society', 'claimed', 'proven', 'byAssurance', 'batches', 'problems', 'verdict']
    expect(Object.keys(view).slice(0, 7)).toEqual(first)
    const batch = ['id', 'amount', 'source', 'expiresAt', 'chain']
    expect(Object.keys(view.batches[0] ?? {}).slice(0, 5)).toEqual(batch)
  })

  it('is the same answer on another node, and after a restart', async () => {
    const { world } = long
    const { view } = await long.export('oak', 's11')
    const viewer = didOf(world.resident('elm').key)
    expect({ ...view, viewer }).toEqual(asked.view)
    await world.stop('elm')
    await world.start('elm')
    const again = await long.export('elm', 's11')
    expect(again.view).toEqual(asked.view)
    expect((await replayed(again.content)).view).toEqual(asked.view)
  })
})

describe('a file (K6, K9)', () => {
  it('is refused with any byte changed', async () => {
    const random = new SeededRandom(7)
    let refused = 0
    for (let i = 0; i < 1_000; i++) {
      // Every byte of the first line, and others all over.
      const place = i < 120 ? i : Math.floor(random.next() * sealed.length)
      const changed = sealed.slice()
      changed[place] = (changed[place]! + 1 + Math.floor(random.next() * 255)) % 256
      if ((await codeOf(verify(changed))) !== 'none') refused += 1
    }
    expect(refused).toBe(1_000)
  })

  it('is refused where what was signed was changed, though sealed anew', async () => {
    const random = new SeededRandom(8)
    // Before the first document stands what nobody signs: who asked about whom, and when.
    const unsigned = encodeBackingFile({ ...file, documents: [], heads: [] }).length - 4
    for (let i = 0; i < 250; i++) {
      const place = unsigned + 1 + Math.floor(random.next() * (asked.content.length - unsigned - 1))
      const changed = asked.content.slice()
      changed[place] = changed[place]! ^ (1 << Math.floor(random.next() * 8))
      const code = await codeOf(verify(await sealBackingFile(changed)))
      expect({ place, code }).not.toEqual({ place, code: 'none' })
    }
  })

  it.each([
    ['nothing', () => new Uint8Array()],
    ['another text', () => new TextEncoder().encode('society-backing\n')],
    ['its first line alone', () => sealed.subarray(0, sealed.indexOf(10) + 1)],
    ['half of it', () => sealed.subarray(0, sealed.length >> 1)],
    ['all but its last byte', () => sealed.subarray(0, -1)],
    ['a byte more', () => Buffer.concat([sealed, new Uint8Array(1)])],
    ['itself twice', () => Buffer.concat([sealed, sealed])],
  ])('cut or extended is refused: %s', async (_name, make) => {
    expect(await codeOf(verify(make()))).toBe('malformed')
  })

  it('of a newer version says so', async () => {
    const newer = Buffer.from(sealed)
    newer.write('society-backing/2', 'latin1')
    expect(await codeOf(verify(newer))).toBe('unsupported-version')
  })

  it('that promises more than it may hold, or less than it has, is not unpacked', async () => {
    const seal = (length: number | string, body: Uint8Array): Uint8Array => {
      const digest = createHash('sha256').update(body).digest('hex')
      return Buffer.concat([Buffer.from(`society-backing/1 ${length} ${digest}\n`), body])
    }
    const body = sealed.subarray(sealed.indexOf(10) + 1)
    const { length } = asked.content
    expect(await codeOf(verify(seal(length, body)))).toBe('none')
    expect(await codeOf(verify(seal(length - 1, body)))).toBe('malformed')
    expect(await codeOf(verify(seal(length + 1, body)))).toBe('malformed')
    expect(await codeOf(verify(seal(`0${length}`, body)))).toBe('malformed')
    expect(await codeOf(verify(seal(67_108_865, body)))).toBe('too-large')
    expect(await codeOf(verify(seal(length, Buffer.concat([body, body]))))).toBe('malformed')
    const bomb = await sealBackingFile(new Uint8Array(67_108_865))
    expect(bomb.length).toBeLessThan(10_000)
    expect(await codeOf(verify(bomb))).toBe('too-large')
    const zeros = await sealBackingFile(new Uint8Array(1_000_000))
    expect(await codeOf(verify(zeros))).toBe('malformed')
  })

  it('dated later than it is here is refused, one too old only where that is asked', async () => {
    const early = verifyBackingFile(sealed, { now: at - 3 * 60_000 })
    expect(await codeOf(early)).toBe('clock-backwards')
    const late = { now: at + 30 * 24 * hour }
    expect(await verify(sealed, late)).toMatchObject({ verdict: 'backed', file: { aliveNow: 0 } })
    expect(await codeOf(verify(sealed, { ...late, ageMsMax: hour }))).toBe('expired')
    expect(await codeOf(verify(sealed, { ageMsMax: 2 * hour }))).toBe('none')
  })

  it('of another federation is refused where that is asked', async () => {
    expect(await codeOf(verify(sealed, { federation: 'test-backing' }))).toBe('none')
    expect(await codeOf(verify(sealed, { federation: 'test-other' }))).toBe('unknown-society')
    // Whoever was founded elsewhere is nobody here, whatever the file says.
    const renamed = await verifyContent({ ...file, federation: 'elsewhere' })
    expect(renamed.verdict).toBe('unbacked')
    expect(renamed.problems.map(({ code }) => code)).toEqual(names.map(() => 'unknown-society'))
  })

  it('counts only whom a society that one knows admitted, where that is asked', async () => {
    const from = long.world.resident('s0').key
    // The rule that everybody is a member here is that of a test federation, in every policy.
    expect(await verify(sealed, { from })).toMatchObject({ verdict: 'backed' })
    const stranger = 'ab'.repeat(32) as typeof from
    expect(await verify(sealed, { from: stranger })).toMatchObject({ verdict: 'unbacked' })
  })
})

describe('what whoever writes a file can leave out (K8, K10)', () => {
  const proofs = file.documents.find(({ actor }) => actor === `${long.world.resident('s0').key}00`)

  it('is nothing that the answer names: what refers to it waits, and all after it', async () => {
    const holder = long.world.resident('s11').key
    const none = file.documents.filter(({ actor }) => actor !== proofs?.actor)
    const { batches } = await verifyContent({ ...file, documents: none })
    expect(batches).toEqual([])
    expect(asked.view.society).toBe(didOf(holder))
  })

  it('is no change of a document whose later ones are there', async () => {
    const gap = file.documents.map((frame) => ({ ...frame, changes: frame.changes.slice(1) }))
    expect(await codeOf(verifyContent({ ...file, documents: gap }))).toBe('out-of-order')
    const forged = without(proofs?.actor ?? '', 3)
    expect(await codeOf(verifyContent(forged))).toBe('bad-signature')
  })

  it('is the newest head of one it rests on: then it is as old as that one’s word', async () => {
    const made = await BackingWorld.of(['sage', 'leaf', 'elm'])
    await made.prove('sage')
    await made.charge('sage', 100)
    await made.trade('sage', 'leaf', 50)
    await made.world.advance(3 * hour)
    const whole = readContent((await made.export('elm', 'leaf')).content)
    const charger = made.world.resident('sage').key
    const heads = whole.heads.filter(({ head }) => head.author !== charger)
    const { asOf, heard } = await replayed(encodeBackingFile({ ...whole, heads }))
    const [holder, silent] = heard.map(({ until }) => Date.parse(until))
    expect(silent).toBeLessThan((holder ?? 0) - 2 * hour)
    expect(Date.parse(asOf)).toBe(silent)
  })

  it('is later records up to an earlier signature: then that is as far as it tells', async () => {
    const made = await BackingWorld.of(['sage', 'elm'])
    await made.prove('sage')
    await made.charge('sage', 100)
    const before = readContent((await made.export('elm', 'sage')).content)
    await made.world.advance(3 * hour)
    await made.write('sage', 'energy.retire', { source: roofOf(made) })
    const after = await made.export('elm', 'sage')
    expect(after.view.sources).toMatchObject([{ state: 'retired' }])
    const later = readContent(after.content)
    // The trust document as it was, under the date of the later file.
    const old = new Map(before.documents.map((frame) => [frame.actor, frame]))
    const documents = later.documents.map((frame) => old.get(frame.actor) ?? frame)
    const heads = before.heads.filter(({ head }) => head.author === later.society)
    const { view, asOf } = await replayed(encodeBackingFile({ ...later, documents, heads }))
    expect(view.sources).toMatchObject([{ state: 'valid' }])
    const newest = documents.flatMap(({ changes }) => {
      const peeked = peekChange(changes.at(-1) ?? new Uint8Array())
      return peeked.ok ? [peeked.value.header.time] : []
    })
    expect(Date.parse(asOf)).toBeLessThan(later.at - 2 * hour)
    expect(Date.parse(asOf)).toBeGreaterThanOrEqual(Math.min(...newest))
  })
})

const roofOf = (made: BackingWorld): string => {
  const { energy } = made.world.replica('sage').society()
  return Object.keys(energy.sources)[0] ?? ''
}
