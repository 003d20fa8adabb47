import assert from 'node:assert/strict'
import type { BackingView, SocietyView } from '../../src/index.ts'
import type { Processes } from './processes.ts'
import { until, type LocalSociety } from './society.ts'

/** The societies of the story and who else takes part. */
export type Cast = {
  readonly sage: LocalSociety
  readonly leaf: LocalSociety
  readonly loom: LocalSociety
  readonly oak: LocalSociety
  /** Members that only watch. */
  readonly others: readonly LocalSociety[]
  readonly processes: Processes
}

/** One step of the story: what it tells, and what was seen. Throws where it is not as it should. */
export type Step = {
  readonly title: string
  readonly play: (cast: Cast) => Promise<string>
}

const idOf = (answer: Readonly<Record<string, unknown>>): string => String(answer['id'])

const everybody = (cast: Cast): readonly LocalSociety[] => [
  cast.sage,
  cast.leaf,
  cast.loom,
  cast.oak,
  ...cast.others,
]

async function found(cast: Cast): Promise<string> {
  const { sage } = cast
  const { addresses } = await sage.start()
  const bootstrap = addresses[0]
  assert.ok(bootstrap, 'sage listens nowhere')
  const rest = everybody(cast).filter((society) => society !== sage)
  for (const society of rest) await society.init(bootstrap)
  await Promise.all(rest.map((society) => society.start()))
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
    await until(`sage knows ${society.name}`, () => sage.run('backing', society.name))
    await sage.run('federation', 'admit', society.name)
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
  await until('the application', () => sage.run('citizen', 'admit', 'leaf'))
  const { parent } = await leaf.see('a parent', (status) => status.parent === sage.id)
  return `leaf is a child of sage (${parent?.slice(8, 20)})`
}

/** Where the sun is highest now: the simulated inverter gives as much at any hour. */
function siteAtNoon(): string {
  const hours = (Date.now() % 86_400_000) / 3_600_000
  return `0,${(180 - 15 * hours).toFixed(1)}`
}

async function prove(cast: Cast): Promise<string> {
  const { sage, processes } = cast
  const device = await processes.device('../devices/sunspec-inverter.ts', [
    '--port',
    '0',
    '--serial',
    'SIM-0001',
    '--rated',
    '5000',
  ])
  const { host, port } = device['listening'] as { host: string; port: number }
  await sage.run('prove', 'solar', '--sunspec', `${host}:${port}`, '--site', siteAtNoon())
  const { energy } = await sage.status()
  const [source] = Object.entries(energy.sources)
  assert.ok(source, 'no source is proven')
  assert.equal(energy.capacity, 5000)
  assert.match(source[0], /^solar:sunspec:.*sim-0001$/)
  return `${source[0]}: ${source[1].capacity} W measured over Modbus TCP (a simulator)`
}

async function sourceOf(cast: Cast): Promise<string> {
  const { energy } = await cast.sage.status()
  const [source] = Object.keys(energy.sources)
  assert.ok(source)
  return source
}

async function charge(cast: Cast): Promise<string> {
  const { sage } = cast
  const source = await sourceOf(cast)
  await sage.run('charge', '1000', '--source', source)
  const { atp, adp } = await sage.status()
  assert.equal(atp.available, 1000)
  assert.equal(adp.pool, 2000)
  const refusal = await sage.refused('insufficient-adp', 'charge', '2001', '--source', source)
  return `1000 ADP became ATP, 2000 ADP left; 2001 more: refused (${refusal})`
}

async function overcharge(cast: Cast): Promise<string> {
  const { sage } = cast
  const source = await sourceOf(cast)
  await sage.run('charge', '500', '--source', source, '--lifetime', '1')
  // Another device of 400 W: its watts count for it alone.
  const device = await cast.processes.device('../devices/sunspec-inverter.ts', [
    '--port',
    '0',
    '--serial',
    'SIM-0002',
    '--rated',
    '400',
  ])
  const { host, port } = device['listening'] as { host: string; port: number }
  await sage.run('prove', 'solar', '--sunspec', `${host}:${port}`)
  const { energy } = await sage.status()
  const small = Object.keys(energy.sources).find((id) => id.endsWith('sim-0002'))
  assert.ok(small)
  return sage.refused('insufficient-capacity', 'charge', '401', '--source', small)
}

async function grant(cast: Cast): Promise<string> {
  const { sage, leaf } = cast
  await sage.run('grant', '300', '--to', 'leaf')
  const { atp } = await leaf.see('the grant', (status) => status.atp.available === 300)
  assert.equal(atp.borrowed, 300)
  await sage.see('lent', (status) => status.atp.lent === 300)
  return 'leaf has taken 300 ATP that sage lends'
}

async function work(cast: Cast): Promise<string> {
  const { sage, leaf, oak } = cast
  const before = (await sage.status()).adp.pool
  const ticket = idOf(
    await leaf.run('work', 'allocate', '200', '--worker', 'oak', '--description', 'index'),
  )
  await leaf.run('work', 'complete', ticket, '--quality', '0.95')
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
  await until('the offer', () => loom.run('trade', 'accept', offer))
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
  await loom.run('work', 'complete', ticket, '--quality', '1')
  const { adp } = await loom.status()
  assert.equal(adp.pool, 300)
  await oak.see('reputation', (status) => status.reputation === 240)
  return '50 of the bought ATP discharged for oak’s work; the ADP is loom’s'
}

async function backing(cast: Cast): Promise<string> {
  const { oak } = cast
  const view = await until('the backing of loom', async () => {
    const answer = (await oak.run('backing', 'loom')) as unknown as BackingView
    return answer.claimed === 150 ? answer : undefined
  })
  assert.equal(view.verdict, 'backed')
  assert.equal(view.proven, 150)
  const [batch] = view.batches
  assert.ok(batch)
  assert.match(batch.source, /sim-0001$/)
  assert.equal(batch.charger, cast.sage.id)
  assert.equal(batch.chain.length, 5)
  const chain = batch.chain.map((id) => id.slice(0, 6)).join(' < ')
  return `150 ATP: claim, settlement, charge, proof, transcript (${chain}), to ${batch.source}`
}

async function waste(cast: Cast): Promise<string> {
  const { sage, oak } = cast
  const before = await sage.status()
  // 0.00003 days are 2.6 s.
  const source = await sourceOf(cast)
  await sage.run('charge', '5', '--source', source, '--lifetime', '0.00003')
  const after = await sage.see('waste', ({ atp }) => atp.wasted === before.atp.wasted + 5)
  assert.equal(after.adp.pool, before.adp.pool)
  await until('oak sees the waste', async () => {
    const { atp } = (await oak.run('status', 'sage')) as unknown as SocietyView
    return atp.wasted === after.atp.wasted ? atp : undefined
  })
  return '5 ATP expired unused after 2.6 s: wasted, and ADP again'
}

async function crash(cast: Cast): Promise<string> {
  const { sage, leaf, oak } = cast
  const before = await oak.status()
  await oak.kill()
  const source = await sourceOf(cast)
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
  return until('all agree', async () => {
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
  { title: 'sage proves its inverter', play: prove },
  { title: 'sage charges ATP', play: charge },
  { title: 'A charge above capacity is refused', play: overcharge },
  { title: 'sage lends to leaf', play: grant },
  { title: 'leaf has oak work, and the ADP comes home', play: work },
  { title: 'sage offers, loom accepts, sage settles', play: trade },
  { title: 'loom works on bought ATP', play: workOnBought },
  { title: 'oak asks for loom’s backing', play: backing },
  { title: 'A short-lived batch expires', play: waste },
  { title: 'oak is killed and comes back', play: crash },
  { title: 'All agree', play: agree },
]
