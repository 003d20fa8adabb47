import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningNode } from '../../node/start.ts'
import { makeNode, removeNode, runNode, type RealDirectory } from '../support/real-node.ts'
import { measuredSource, measurementOf, until } from './api-fixture.ts'
import { answerOf, failureOf, runCli, type Json } from './cli-fixture.ts'

// Two real nodes: libp2p between them, LevelDB below, commands as processes above.
const directories: RealDirectory[] = []
const nodes: RunningNode[] = []
let sage = ''
let leaf = ''
let sageId = ''
let leafId = ''
/** An instant after the founding and before everything else. */
let early = ''

const policy = { vouchInteractions: 0, vouchBondDays: 0, vouchTrust: 0 }

beforeAll(async () => {
  const first = await makeNode('sage', { adp: '1000', policy })
  directories.push(first)
  const atSage = await runNode(first)
  nodes.push(atSage)
  const bootstrap = [...atSage.network.addresses()]
  const second = await makeNode('leaf', { bootstrap, policy })
  directories.push(second)
  nodes.push(await runNode(second))
  ;[sage, leaf] = directories.map(({ directory }) => directory) as [string, string]
  ;[sageId, leafId] = directories.map(({ id }) => id) as [string, string]
  await until('each knows the other', () =>
    nodes.every(({ replica }) => replica.documentHeads().length === 4),
  )
  early = new Date().toISOString()
  await until('time has passed', () => new Date().toISOString() > early)
  await atSage.replica.prove({ ...measurementOf(), fields: { rated: 300, degradation: 0.95 } })
})

afterAll(async () => {
  for (const node of nodes.toReversed()) await node.close()
  for (const directory of directories) await removeNode(directory)
})

const show = async (directory: string, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runCli(args, { directory })
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

/** Runs a command at leaf until it is done: what it builds on may still be on its way. */
async function eventuallyAtLeaf(...args: readonly string[]): Promise<string> {
  let id = ''
  await until(args.join(' '), async () => {
    const { code, stdout } = await runCli([...args, '--json'], { directory: leaf })
    if (code === 0) id = String(JSON.parse(stdout).id)
    return code === 0
  })
  return id
}

const idOf = (answer: Json): string => String(answer['id'])

describe('the queue', () => {
  let own = ''
  let served = ''

  it('is empty at first, and reads so', async () => {
    expect(await answerOf(sage, 'queue')).toEqual([])
    expect(await show(sage, 'queue')).toBe('nobody waits\n')
  })

  it('serves what fits and tells of what does not why', async () => {
    await answerOf(sage, 'charge', '100', '--source', 'acme')
    own = idOf(await answerOf(sage, 'request', '250', '--to', 'sage', '--critical'))
    served = await eventuallyAtLeaf('request', '50', '--to', 'sage', '--urgency', '0.8')
    await until('it is served', () => nodes[0]?.replica.society().work.active === 1)
    expect(await answerOf(sage, 'queue')).toMatchObject([
      { place: 1, id: own, requester: sageId, amount: 250, class: 0, critical: true, fits: false },
    ])
    expect(await show(sage, 'queue', '--society', sageId.slice(0, 20))).toMatch(
      new RegExp(
        '^PLACE  WHO +AMOUNT  CLASS +WAITED  REQUEST +WHY HERE\\n' +
          ` +1  sage  250 ATP +0 +[\\d.]+ (s|min)  ${own.slice(0, 12)}  ` +
          'critical, so before every class; does not fit: 50 ATP are free\\n$',
      ),
    )
  })

  it('tells of a request what became of it, and that its place was honoured', async () => {
    await until('leaf has the ticket', () => {
      const { work } = nodes[1]?.replica.society(nodes[0]?.replica.self) ?? {}
      return work?.active === 1
    })
    expect(await answerOf(leaf, 'queue', served.slice(0, 10))).toMatchObject({
      id: served,
      requester: leafId,
      to: sageId,
      state: 'served',
      class: 10,
      audit: { verdict: 'honoured', problems: [] },
    })
    const text = await show(leaf, 'queue', own)
    expect(text).toMatch(/^state +waits at place 1, in class 0$/m)
    expect(text).toMatch(/^place +so far honoured$/m)
  })

  it('fails as it should', async () => {
    expect(await failureOf(sage, 'queue', 'fff')).toBe('1 unknown-reference')
    expect(await failureOf(sage, 'queue', '--society', 'nobody')).toBe('1 unknown-reference')
    expect(await failureOf(sage, 'queue', own, '--society', 'leaf')).toBe('2 malformed')
    expect(await failureOf(sage, 'request', '5000', '--to', 'sage')).toBe('1 impossible-request')
    expect(await failureOf(leaf, 'request', '1', '--to', 'sage', '--critical')).toBe(
      '1 not-authorised',
    )
  })

  it('shows in the tickets, by who allocated them and by who works', async () => {
    const { 0: ticket } = await answerOf(leaf, 'work', 'list', '--worker', 'leaf')
    expect(ticket).toMatchObject({
      society: sageId,
      worker: leafId,
      amount: 50,
      state: 'active',
      request: served,
      class: 10,
      end: null,
    })
    expect(await answerOf(leaf, 'work', 'list')).toEqual([])
    expect(await failureOf(leaf, 'work', 'list', '--society', 'x')).toBe('1 unknown-reference')
    await answerOf(sage, 'work', 'fail', idOf(ticket as Json).slice(0, 9), '--reason', 'too hot')
    const text = await show(sage, 'work', 'list')
    expect(text).toMatch(/^TICKET +STATE +AMOUNT +OF +WORKER +OVER +WHAT FOR\n/)
    expect(text).toMatch(/^[0-9a-f]{12}  failed +50 ATP  sage  leaf .*, too hot$/m)
  })
})

describe('bonds and vouches', () => {
  it('are committed, given and accepted', async () => {
    await answerOf(sage, 'bond', 'commit', 'acme', '--lock', '60')
    expect(await failureOf(sage, 'bond', 'commit', 'acme')).toBe('1 bond-exists')
    expect(await failureOf(sage, 'bond', 'fulfil')).toBe('1 not-eligible')
    expect(await failureOf(leaf, 'bond', 'abandon')).toBe('1 unknown-reference')
    expect(await answerOf(sage, 'bond', 'list', '--society', 'sage')).toMatchObject([
      { society: sageId, sources: [measuredSource], capacity: 285, state: 'active', proven: true },
    ])
    const give = ['vouch', 'give', '100', '--to', 'leaf', '--days', '2.5']
    const vouch = idOf(await answerOf(sage, ...give))
    expect(await failureOf(sage, ...give)).toBe('1 not-eligible')
    expect(await failureOf(leaf, 'vouch', 'accept', 'fff')).toBe('1 unknown-reference')
    const acceptance = await eventuallyAtLeaf('vouch', 'accept', vouch.slice(0, 8))
    await until('sage has it', () => nodes[0]?.replica.society().vouches.given === 1)
    expect(await answerOf(sage, 'vouch', 'list')).toMatchObject([
      { id: vouch, sponsor: sageId, newcomer: leafId, watts: 100, state: 'active', acceptance },
    ])
  })

  it('read well in lists, and in the status', async () => {
    expect(await show(sage, 'bond', 'list')).toMatch(
      /^BOND +SOCIETY.*\n[0-9a-f]{12}  sage +285 W  active  .* proven +solar:sunspec:acme/,
    )
    expect(await show(sage, 'vouch', 'list')).toMatch(
      /^VOUCH +SPONSOR.*\n[0-9a-f]{12}  sage +leaf +100 W  active/,
    )
    expect(await show(leaf, 'bond', 'list', '--society', 'leaf')).toBe('no bonds\n')
    const status = await show(sage, 'status')
    expect(status).toMatch(/^bond +active, 285 W until 20/m)
    expect(status).toMatch(/^vouches +1 given, 0 received$/m)
  })
})

describe('trust', () => {
  it('is told with every term', async () => {
    expect(await answerOf(sage, 'trust', leafId.slice(8, 20))).toMatchObject({
      observer: sageId,
      subject: leafId,
      terms: { direct: { weight: 0.4, successes: 10, vouched: true }, experience: { factor: 0.7 } },
    })
    expect(await answerOf(sage, 'trust', 'sage', '--by', 'leaf')).toMatchObject({
      observer: leafId,
      terms: { bond: { state: 'active' } },
    })
  })

  it('reads as a sum and its factors', async () => {
    const text = await show(sage, 'trust', 'leaf')
    expect(text).toMatch(/^sage trusts leaf 0\.16\d* at 20/)
    expect(text).toMatch(/^TERM +VALUE  WEIGHT +ADDS  FROM +RECORDS$/m)
    expect(text).toMatch(/^direct +0\.5909\d+ +0\.4 +0\.236\d+  10 good, 0 bad, 10 for a vouch/m)
    expect(text).toMatch(/^direct .*, last good 20\S+ +[0-9a-f]{12} [0-9a-f]{12}$/m)
    expect(text).toMatch(/^experience +0\.7  a newcomer: 0 good jobs$/m)
    expect(text).toMatch(/^trust = 0\.236\d* x 0\.7 x 1 x 1 = 0\.16\d*$/m)
  })

  it('is of somebody else, who is known', async () => {
    expect(await failureOf(sage, 'trust', 'sage')).toBe('1 malformed')
    expect(await failureOf(sage, 'trust', 'nobody')).toBe('1 unknown-reference')
  })
})

describe('history', () => {
  it('is the view of a time, and says as of when', async () => {
    expect(await answerOf(leaf, 'history', 'sage', '--at', early)).toMatchObject({
      id: sageId,
      time: early,
      energy: { sources: {} },
      adp: { pool: 1000 },
      bond: { state: 'none' },
      asOf: { at: early, pool: { changes: 1 } },
    })
    const now = await answerOf(sage, 'history', 'sage')
    expect(now).toMatchObject({ adp: { pool: 900 }, asOf: { later: 0 } })
  })

  it('reads as the status does, and says what it is', async () => {
    const text = await show(sage, 'history', 'sage', '--at', early)
    expect(text).toMatch(/^society +sage\n/)
    expect(text).toMatch(/^ADP +1000 in the pool, 0 in escrow$/m)
    expect(text).toMatch(new RegExp(`^as of +${early}$`, 'm'))
    expect(text).toMatch(/^known +to this node at \S+; left out: \d+ later changes?$/m)
  })

  it('is of no time to come, of none before the founding, and of a time at all', async () => {
    const at = (time: string): Promise<string> => failureOf(sage, 'history', 'sage', '--at', time)
    expect(await at('2999-01-01')).toBe('1 malformed')
    expect(await at('2020-01-01T00:00:00+02:00')).toBe('1 unknown-reference')
    expect(await at('2020-02-30')).toBe('1 malformed')
    expect(await at('yesterday')).toBe('2 malformed')
    expect(await failureOf(sage, 'history', 'nobody')).toBe('1 unknown-reference')
  })
})
