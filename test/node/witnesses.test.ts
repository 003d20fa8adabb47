import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Explain } from '../../node/client/index.ts'
import type { RunningNode } from '../../node/start.ts'
import { startCommands, type ManyCommands } from '../support/many-commands.ts'
import {
  eventually,
  makeNode,
  removeNode,
  runNode,
  type RealDirectory,
} from '../support/real-node.ts'
import { measuredSource, measurementOf } from './api-fixture.ts'

// Six real nodes: sage sells to loom, for whom the others witness.
const names = ['sage', 'loom', 'oak', 'elm', 'ash', 'fir'] as const
const made: { readonly at: RealDirectory; readonly node: RunningNode }[] = []
let cli: ManyCommands

const of = (name: (typeof names)[number]) => made[names.indexOf(name)]!

beforeAll(async () => {
  for (const name of names) {
    const bootstrap = made[0]?.node.network.addresses() ?? []
    const at = await makeNode(name, { adp: '500', bootstrap: bootstrap.slice(0, 1) })
    made.push({ at, node: await runNode(at) })
  }
  cli = startCommands()
  await eventually('all know each other', () =>
    made.every(({ node }) => node.replica.documentHeads().length === 2 * names.length),
  )
}, 60_000)

afterAll(async () => {
  await cli.close()
  for (const { node } of made.toReversed()) await node.close()
  for (const { at } of made) await removeNode(at)
})

/** Runs a command at loom; its exit code and its one JSON value. */
async function atLoom(...args: readonly string[]) {
  const { code, stdout } = await cli.run([...args, '--json'], of('loom').at.directory)
  return { code, value: JSON.parse(stdout) }
}

const named = (...those: readonly string[]) => those.map((name) => ({ name, connected: true }))

describe('witnesses that a command appoints (R30, F1)', () => {
  it.each([
    [[], 2, 'malformed', 'name the societies'],
    [['oak', '--none'], 2, 'malformed', 'name the societies'],
    [['oak', 'elm', 'ash'], 1, 'malformed', '3f + 1, of which f may be away or lie, and not 3'],
    [['oak', 'elm', 'ash', 'loom'], 1, 'malformed', 'loom is this society itself'],
    [['oak', 'elm', 'ash', 'oak'], 1, 'malformed', 'name each once'],
    [['nobody'], 1, 'unknown-reference', "no society 'nobody' is known here"],
    [
      ['did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'],
      1,
      'unknown-society',
      'is no member here',
    ],
  ] as const)('%j: refused in words', async (given, exitCode, code, words) => {
    const { code: ended, value } = await atLoom('witnesses', 'appoint', ...given)
    expect({ ended, code: value.error.code }).toEqual({ ended: exitCode, code })
    expect(value.error.message).toContain(words)
    expect((await atLoom('witnesses')).value).toEqual([])
  })

  it('certify what is handed over', async () => {
    const { sage, loom } = { sage: of('sage').node.replica, loom: of('loom').node.replica }
    const { value } = await atLoom('witnesses', 'appoint', 'oak', 'elm', 'ash', 'fir')
    expect(value).toMatchObject({ id: expect.any(String), before: [], needed: 3 })
    expect(value.witnesses).toMatchObject(named('oak', 'elm', 'ash', 'fir'))
    await sage.prove(measurementOf())
    await sage.write('atp.charge', { amount: '100', source: measuredSource })
    const offer = await sage.write('trade.offer', { amount: '100' })
    let accepted = { code: -1, value: { id: '' } }
    await eventually('the offer', async () => {
      accepted = await atLoom('trade', 'accept', offer, '--amount', '20')
      return accepted.code === 0
    })
    await eventually('bought', () => loom.society().atp.available === 20)
    const { events } = sage.events.after(0)
    const certified = events.filter(({ type, data }) => {
      return type === 'certified' && data['society'] === of('loom').at.id
    })
    expect(certified.length).toBeGreaterThan(0)
    const text = await cli.run(['witnesses'], of('loom').at.directory)
    expect(text.stdout).toMatch(/^oak +connected +did:key:z/m)
    expect(text.stdout).toContain('3 of 4 must sign each hand-over; 1 may be away or lie')
  })

  it('are waited for where too few are there, and why tells', async () => {
    const { sage, loom } = { sage: of('sage').node.replica, loom: of('loom').node.replica }
    for (const name of ['ash', 'fir'] as const) await of(name).node.close()
    const [offer] = (await atLoom('trade', 'list')).value.offers
    const { value } = await atLoom('trade', 'accept', offer.id, '--amount', '5')
    await eventually('sage has it', () => sage.trades().acceptances.length === 1)
    expect(loom.society().atp.available).toBe(20)
    const settled = sage.write('trade.settle', { acceptance: value.id })
    await expect(settled).rejects.toMatchObject({ code: 'uncertified' })
    const { value: told } = await atLoom('why', value.id)
    expect(told.reasons).toContainEqual(
      expect.objectContaining({ question: 'certified by witnesses', state: 'no' }),
    )
    const { at } = of('ash')
    made[names.indexOf('ash')] = { at, node: await runNode(at) }
    await eventually('it is settled', () => loom.society().atp.available === 25)
    await eventually('loom knows it too', async () => {
      const { reasons }: Explain = (await atLoom('why', value.id)).value
      const reason = reasons.find(({ question }) => question === 'certified by witnesses')
      return reason?.state === 'yes'
    })
  }, 60_000)

  it('let others follow, or nobody', async () => {
    const one = await atLoom('witnesses', 'appoint', 'oak')
    expect(one.value).toMatchObject({ needed: 1, witnesses: named('oak') })
    expect(one.value.before).toMatchObject([{ name: 'oak' }, {}, {}, { connected: false }])
    const none = await atLoom('witnesses', 'appoint', '--none')
    expect(none.value).toMatchObject({ needed: 0, witnesses: [], before: named('oak') })
    const text = await cli.run(['witnesses'], of('loom').at.directory)
    expect(text.stdout).toMatch(/^none are appointed\n\nnobody signs /)
  })
})
