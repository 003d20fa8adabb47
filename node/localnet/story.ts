import assert from 'node:assert/strict'
import type { BackingView } from '../../src/index.ts'
import { everybody, type Cast, type Step } from './cast.ts'
import { ratedWatts } from './simulators.ts'
import { startsAtOnce } from './network.ts'
import { refusedAs, type LocalSociety } from './society.ts'
import { handsStep, sourceOf, sourceSteps } from './sources.ts'

/** Work of oak's that is done: whose ticket, how well, and from when to when, in hours before. */
type Done = {
  readonly ticket: string
  readonly by: LocalSociety
  readonly quality: string
  readonly hoursAgo: readonly [started: number, finished: number]
}

const idOf = (answer: Readonly<Record<string, unknown>>): string => String(answer['id'])

async function found(cast: Cast): Promise<string> {
  const { sage } = cast
  const { addresses } = await sage.start()
  const bootstrap = addresses[0]
  assert.ok(bootstrap, 'sage listens nowhere')
  const rest = everybody(cast).filter((society) => society !== sage)
  for (let i = 0; i < rest.length; i += startsAtOnce) {
    await Promise.all(
      rest.slice(i, i + startsAtOnce).map(async (society) => {
        await cast.make(society, bootstrap)
        await society.start()
      }),
    )
  }
  return everybody(cast)
    .map(({ name, id }) => `${name} ${id.slice(8, 20)}`)
    .join(', ')
}

async function meet(cast: Cast): Promise<string> {
  await Promise.all(
    everybody(cast).map((society) => society.see('a peer', ({ peers }) => peers > 0)),
  )
  return `${everybody(cast).length} nodes connected over libp2p (TCP, noise, yamux)`
}

async function admit(cast: Cast): Promise<string> {
  const { sage } = cast
  for (const society of everybody(cast)) {
    if (society === sage) continue
    await sage.until(`sage knows ${society.name}`, async () => {
      const { name } = await sage.view(society)
      return name === society.name ? name : undefined
    })
    // Those who only watch may be many, and each command is a process.
    if (cast.others.includes(society)) {
      const named = { society: society.name }
      await sage.until(`sage admits ${society.name}`, () => sage.write('federation.admit', named))
    } else await sage.run('federation', 'admit', society.name)
  }
  const documents = 2 * everybody(cast).length
  await Promise.all(
    everybody(cast).map((society) =>
      society.see('all documents', ({ heads }) => heads.length === documents),
    ),
  )
  const admitted = everybody(cast).length - 1
  return `sage admits ${admitted} societies; everyone holds ${documents} documents`
}

async function family(cast: Cast): Promise<string> {
  const { sage, leaf } = cast
  await leaf.run('citizen', 'apply', 'sage')
  await sage.until('the application', () => sage.run('citizen', 'admit', 'leaf'))
  const { parent } = await leaf.see('a parent', (status) => status.parent === sage.id)
  return `leaf is a child of sage (${parent?.slice(8, 20)})`
}

async function charge(cast: Cast): Promise<string> {
  const { sage } = cast
  const source = await sourceOf(sage, 'solar:')
  await sage.run('charge', '1000', '--source', source)
  const { atp, adp } = await sage.status()
  assert.equal(atp.available, 1000)
  assert.equal(adp.pool, 2000)
  const refusal = await sage.refused('insufficient-adp', 'charge', '2001', '--source', source)
  return `1000 ADP became ATP, 2000 ADP left; 2001 more: refused (${refusal})`
}

async function overcharge(cast: Cast): Promise<string> {
  const { sage } = cast
  const inverter = await sourceOf(sage, 'solar:')
  await sage.run('charge', '500', '--source', inverter, '--lifetime', '1')
  const battery = await sourceOf(sage, 'battery:')
  const most = ratedWatts.battery
  const over = ['charge', `${most + 1}`, '--source', battery]
  const refusal = await sage.refused('insufficient-capacity', ...over)
  await sage.run('charge', '100', '--source', battery)
  const { sources } = (await sage.status()).energy
  assert.equal(sources[battery]?.occupied, 100)
  assert.equal(sources[inverter]?.occupied, 1600)
  return `${most + 1} ATP: refused (${refusal}); 100 ATP: these occupy the inverter as well`
}

async function grant(cast: Cast): Promise<string> {
  const { sage, leaf } = cast
  await sage.run('grant', '300', '--to', 'leaf')
  const { atp } = await leaf.see('the grant', (status) => status.atp.available === 300)
  assert.equal(atp.borrowed, 300)
  await sage.see('lent', (status) => status.atp.lent === 300)
  return 'leaf has taken 300 ATP that sage lends'
}

const hourMs = 3_600_000

/**
 * Ends a ticket of oak's, done at hours before now that the story makes up: oak's operator confirms
 * them, for its node signs for no hours of others' choice.
 */
async function complete(
  { oak, began }: Cast,
  { ticket, by, quality, hoursAgo }: Done,
): Promise<void> {
  const [started, finished] = hoursAgo.map((hours) => {
    return new Date(began - hours * hourMs).toISOString()
  })
  const words = ['--quality', quality, `--started=${started}`, `--finished=${finished}`]
  await oak.until('oak knows the ticket', async () => {
    const { work: known } = await oak.view(by)
    return known.tickets.find(({ id }) => id === ticket)
  })
  await oak.run('work', 'confirm', ticket, ...words)
  await by.run('work', 'complete', ticket, ...words)
}

async function work(cast: Cast): Promise<string> {
  const { sage, leaf, oak } = cast
  const before = (await sage.status()).adp.pool
  const ticket = idOf(
    await leaf.run('work', 'allocate', '200', '--worker', 'oak', '--description', 'index'),
  )
  await complete(cast, { ticket, by: leaf, quality: '0.95', hoursAgo: [7, 5] })
  await sage.see('ADP came home', ({ adp }) => adp.pool === before + 200)
  const { reputation } = await oak.see('reputation', (status) => status.reputation === 190)
  const { atp } = await leaf.status()
  assert.equal(atp.borrowed, 100)
  return `200 ATP discharged, oak and leaf signed; the ADP is home; oak's reputation ${reputation}`
}

async function trade(cast: Cast): Promise<string> {
  const { sage, loom } = cast
  const offer = idOf(
    await sage.run('trade', 'offer', '200', '--price', '1.25', '--service', 'code review'),
  )
  await loom.until('the offer', () => loom.run('trade', 'accept', offer))
  const { atp, adp, supply } = await loom.see(
    'the claim',
    ({ atp: { available } }) => available === 200,
  )
  assert.equal(adp.pool, 250)
  assert.equal(supply, 450)
  const seller = await sage.see('settled', (status) => status.atp.escrowed === 0)
  assert.equal(seller.supply, 3050)
  return `loom holds ${atp.available} ATP bought for 250 ADP; settled on both ledgers`
}

async function workOnBought(cast: Cast): Promise<string> {
  const { loom, oak } = cast
  const ticket = idOf(await loom.run('work', 'allocate', '50', '--worker', 'oak'))
  await complete(cast, { ticket, by: loom, quality: '1', hoursAgo: [5, 3.5] })
  const { adp } = await loom.status()
  assert.equal(adp.pool, 300)
  await oak.see('reputation', (status) => status.reputation === 240)
  return '50 of the bought ATP discharged for oak’s work; the ADP is loom’s'
}

async function workForSage(cast: Cast): Promise<string> {
  const { sage, oak } = cast
  const ticket = idOf(await sage.run('work', 'allocate', '10', '--worker', 'oak'))
  // Half an hour of it oak has signed for already, to loom.
  const twice = { ticket, by: sage, quality: '1', hoursAgo: [4, 2] } as const
  const refusal = await refusedAs('implausible-proof', complete(cast, twice))
  await complete(cast, { ...twice, hoursAgo: [3, 1.5] })
  await oak.see('reputation', (status) => status.reputation === 250)
  return `an hour that oak gave to loom already: refused (${refusal}); another: 10 ATP discharged`
}

async function backing(cast: Cast): Promise<string> {
  const { oak } = cast
  const view = await oak.until('the backing of loom', async () => {
    const answer = (await oak.run('backing', 'loom')) as unknown as BackingView
    return answer.claimed === 150 ? answer : undefined
  })
  assert.equal(view.verdict, 'backed')
  assert.equal(view.proven, 150)
  const [batch] = view.batches
  assert.ok(batch)
  assert.match(batch.source, /sim-0001$/)
  assert.equal(batch.charger, cast.sage.id)
  assert.equal(batch.assurance, 2)
  assert.equal(batch.chain.length, 7)
  const chain = batch.chain.map((id) => id.slice(0, 6)).join(' < ')
  const kinds = 'claim, settlement, charge, proof, transcript, two witnesses'
  return `150 ATP of level 2: ${kinds} (${chain}), to ${batch.source}`
}

async function waste(cast: Cast): Promise<string> {
  const { sage, oak } = cast
  const before = await sage.status()
  // 0.00002 days are 1.7 s.
  const source = await sourceOf(sage, 'solar:')
  await sage.run('charge', '5', '--source', source, '--lifetime', '0.00002')
  const after = await sage.see('waste', ({ atp }) => atp.wasted === before.atp.wasted + 5)
  assert.equal(after.adp.pool, before.adp.pool)
  await oak.until('oak sees the waste', async () => {
    const { atp } = await oak.view(sage)
    return atp.wasted === after.atp.wasted ? atp : undefined
  })
  return '5 ATP expired unused after 1.7 s: wasted, and ADP again'
}

async function crash(cast: Cast): Promise<string> {
  const { sage, leaf, oak } = cast
  const before = await oak.status()
  await oak.kill()
  const source = await sourceOf(sage, 'solar:')
  await sage.run('charge', '70', '--source', source)
  const ticket = idOf(await leaf.run('work', 'allocate', '40', '--worker', 'leaf'))
  await leaf.run('work', 'complete', ticket, '--quality', '1')
  await sage.see('the ADP of leaf’s own work', ({ atp }) => atp.lent === 60)
  const again = await oak.start()
  assert.equal(again.reputation, before.reputation)
  return 'oak was killed with kill -9, the others went on, and it is back'
}

/** Every document's head and state as one node has it, as text that can be compared. */
function stateOf(status: { readonly heads: readonly { hash: string; state: string }[] }): string {
  return status.heads.map(({ hash, state }) => `${hash} ${state}`).join('\n')
}

async function agree(cast: Cast): Promise<string> {
  return cast.sage.until('all agree', async () => {
    const all = await Promise.all(everybody(cast).map((society) => society.status()))
    const states = new Set(all.map(stateOf))
    const [first] = all
    if (states.size !== 1 || first === undefined) return undefined
    const heads = first.heads.map(({ name, kind, seq, hash, state }) => {
      const place = `${`${name}/${kind}`.padEnd(12)} #${String(seq).padEnd(4)}`
      return `\n      ${place} ${hash.slice(0, 12)} state ${state.slice(0, 12)}`
    })
    return `${all.length} nodes hold the same heads and states:${heads.join('')}`
  })
}

/** The story, step by step. */
export const story: readonly Step[] = [
  { title: 'Societies are founded, each on its own node', play: found },
  { title: 'The nodes find each other', play: meet },
  { title: 'sage admits them to the federation', play: admit },
  { title: 'leaf becomes a citizen of sage', play: family },
  ...sourceSteps,
  { title: 'sage charges ATP', play: charge },
  { title: 'A battery gives no more than it can', play: overcharge },
  { title: 'sage lends to leaf', play: grant },
  { title: 'leaf has oak work, and the ADP comes home', play: work },
  { title: 'sage offers, loom accepts, sage settles', play: trade },
  { title: 'loom works on bought ATP', play: workOnBought },
  { title: 'sage has oak work too', play: workForSage },
  handsStep,
  { title: 'oak asks for loom’s backing', play: backing },
  { title: 'A short-lived batch expires', play: waste },
  { title: 'oak is killed and comes back', play: crash },
  { title: 'All agree', play: agree },
]
