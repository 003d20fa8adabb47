import assert from 'node:assert/strict'
import { Failure, type RecordView } from '../../src/index.ts'
import { everybody, type Cast, type Step } from './cast.ts'
import { panelSite, ratedWatts } from './simulators.ts'
import type { LocalSociety } from './society.ts'

/** What `prove` answers of a source. */
type Proven = {
  readonly id: string
  readonly source: string
  /** W. */
  readonly capacity: number
  readonly output?: number
  readonly hours?: number
  readonly simulated: boolean
}

/** Two others make a level; from this level on they have seen the device themselves. */
const witnessesForLevel = 2
const seenLevel = 2

async function prove(society: LocalSociety, ...args: readonly string[]): Promise<Proven> {
  return (await society.run('prove', ...args)) as unknown as Proven
}

/** The one own source of a society whose id begins so. */
export async function sourceOf(society: LocalSociety, beginning: string): Promise<string> {
  const { energy } = await society.status()
  const source = Object.keys(energy.sources).find((id) => id.startsWith(beginning))
  assert.ok(source, `${society.name} has no source ${beginning}`)
  return source
}

async function proveInverter({ sage, simulators }: Cast): Promise<string> {
  const address = await simulators.inverter
  const proven = await prove(sage, 'solar', '--sunspec', address, '--site', panelSite)
  assert.equal(proven.capacity, ratedWatts.inverter)
  assert.match(proven.source, /^solar:sunspec:.*sim-0001$/)
  assert.equal((await sage.status()).energy.capacity, ratedWatts.inverter)
  const output = proven.output ?? 0
  const now = output > 0 ? `gives ${Math.round(output)} W now` : 'gives 0 W now, for it is night'
  const built = `a simulator over Modbus TCP, built for ${proven.capacity} W`
  return `${proven.source}: ${built}, ${now} at ${panelSite}`
}

async function proveBattery({ sage, simulators }: Cast): Promise<string> {
  const address = await simulators.battery
  const inverter = await sourceOf(sage, 'solar:')
  const proven = await prove(sage, 'battery', '--sunspec', address, '--powered-by', inverter)
  assert.equal(proven.capacity, ratedWatts.battery)
  // A store is no source: what the inverter gives is not counted twice.
  assert.equal((await sage.status()).energy.capacity, ratedWatts.inverter)
  const fed = 'fed by the inverter, so that it adds nothing to what sage can draw on'
  return `${proven.source}: a simulator over Modbus TCP, ${proven.capacity} W, ${fed}`
}

async function proveGrid({ sage, simulators }: Cast): Promise<string> {
  const { url, clientId, secretFile } = await simulators.gridOperator
  const credentials = ['--client-id', clientId, '--client-secret-file', secretFile]
  const proven = await prove(sage, 'grid', '--openadr', url, ...credentials)
  const { inverter, subscription, limit } = ratedWatts
  assert.equal(proven.capacity, limit)
  assert.equal((await sage.status()).energy.capacity, inverter + limit)
  const told = `${subscription} W subscribed, ${limit} W allowed at present`
  return `${proven.source}: a simulated operator’s OpenADR server, over TLS, after OAuth: ${told}`
}

async function proveCompute({ loom, simulators }: Cast): Promise<string> {
  const exporter = await simulators.gpuExporter
  if (exporter !== undefined) {
    const { source, capacity } = await prove(loom, 'compute', '--exporter', exporter)
    assert.match(source, /^compute:nvml:sim-/)
    const compiled = 'a simulated NVML, a library compiled just now'
    return `${source}: ${capacity} W, by an exporter in NVIDIA’s format, over TLS, of ${compiled}`
  }
  const missing = 'there is no C compiler to build the simulated GPU with'
  try {
    const { source, capacity } = await prove(loom, 'compute', '--rapl')
    return `${missing}; this machine’s own processors instead, by RAPL: ${source}, ${capacity} W`
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return `${missing}, and the processors tell nothing: nothing is proven (${error.message})`
  }
}

/** Words of witnesses about the newest proof of a source, as its prover's node has them. */
async function wordsAbout(cast: Cast, prover: LocalSociety, proof: string): Promise<number[]> {
  const others = everybody(cast).filter((each) => each !== prover)
  const attests = await Promise.all(
    others.map(({ id }) => {
      const query = `society=${encodeURIComponent(id)}&kind=energy.attest`
      return prover.ask<readonly RecordView[]>(`/v1/records?${query}`)
    }),
  )
  const words = attests.flat().map(({ fields }) => fields)
  return words.flatMap(({ proof: of, verdict, level }) =>
    of === proof && verdict === true ? [Number(level)] : [],
  )
}

async function proofOf(society: LocalSociety, beginning: string): Promise<string | undefined> {
  const proofs = await society.ask<readonly RecordView[]>('/v1/records?kind=energy.prove')
  return proofs.findLast(({ fields }) => String(fields['source']).startsWith(beginning))?.id
}

/** Waits until two others have answered for a source at a level, and everyone sees it at that. */
async function witnessed(
  cast: Cast,
  [prover, beginning, level]: readonly [LocalSociety, string, number],
): Promise<void> {
  const proof = await proofOf(prover, beginning)
  assert.ok(proof, `${prover.name} has proven no ${beginning}`)
  const source = await sourceOf(prover, beginning)
  const sees = (viewer: LocalSociety): Promise<boolean> =>
    viewer.until(`${viewer.name} sees ${source} at level ${level}`, async () => {
      const { energy } = await viewer.view(prover)
      return energy.sources[source]?.assurance === level ? true : undefined
    })
  // Only then are all asked for their words, for each is a question.
  await sees(prover)
  await prover.until(`two others say that ${source} is there`, async () => {
    const words = (await wordsAbout(cast, prover, proof)).filter((each) => each >= level)
    return words.length >= witnessesForLevel ? words : undefined
  })
  await Promise.all(everybody(cast).map(sees))
}

async function witness(cast: Cast): Promise<string> {
  const { sage, loom, simulators } = cast
  const hasGpu = (await simulators.gpuExporter) !== undefined
  await Promise.all([
    witnessed(cast, [sage, 'solar:', seenLevel]),
    witnessed(cast, [sage, 'battery:', seenLevel]),
    witnessed(cast, [sage, 'grid:', seenLevel]),
    ...(hasGpu ? [witnessed(cast, [loom, 'compute:', seenLevel])] : []),
  ])
  const gpu = hasGpu ? ' and the exporter of the GPU' : ''
  return (
    'two others for each, for sage’s not leaf, who is kin, read inverter, battery, grid operator' +
    `${gpu} over connections of their own, three times, and signed what they saw: level 2; the ` +
    'grid operator within TLS, with a token of sage’s that only reads'
  )
}

/** Measuring at the device: each kind of source, and what others see of it. */
export const sourceSteps: readonly Step[] = [
  { title: 'sage proves its inverter', play: proveInverter },
  { title: 'sage proves its battery, which the inverter feeds', play: proveBattery },
  { title: 'sage proves its connection to the grid', play: proveGrid },
  { title: 'loom proves a GPU', play: proveCompute },
  { title: 'Others look for themselves', play: witness },
]

async function proveHands(cast: Cast): Promise<string> {
  const { oak } = cast
  const proven = await prove(oak, 'human')
  assert.match(proven.source, /^human:receipts:/)
  await witnessed(cast, [oak, 'human:', seenLevel])
  const { hours, capacity, source } = proven
  const hand = source.slice(0, 'human:receipts:'.length + 8)
  const attested = `${hours} h at ${capacity} W by receipts of sage, leaf and loom`
  const level = 'others asked these whether they stand by what they signed, and they do: level 2'
  return `${hand}...: ${attested} (the story made the hours up); ${level}`
}

/** Work that three others have signed for is a source as well. */
export const handsStep: Step = { title: 'oak proves the work of its hands', play: proveHands }
