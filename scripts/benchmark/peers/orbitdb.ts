import { setTimeout as pause } from 'node:timers/promises'
import { timed } from '../stopwatch.ts'
import { serveRounds, type Rounds } from '../rounds.ts'
import type { Figures } from '../trial.ts'
import { answerEach, AskedProcess } from '../workers.ts'
import { made, openLog, startOrbit, stopOrbit } from './orbit.ts'
import { contentNumbered } from './record.ts'

/** Looks at the events counted between two at the whole log. */
const looksBetween = 25

type Joining = { readonly address: string; readonly database: string; readonly count: number }

async function append(count: number): Promise<Rounds> {
  const running = await startOrbit()
  const database = await openLog(running)
  const write = async (records: number): Promise<void> => {
    // A log appends one entry after the other whoever calls it.
    for (let at = 0; at < records; at++) await database.add(contentNumbered(at))
  }
  await write(count / 2)
  return {
    async round() {
      return timed(count, () => write(count))
    },
    close: () => stopOrbit(running),
  }
}

async function joinLog(count: number): Promise<Rounds> {
  const running = await startOrbit()
  const database = await openLog(running)
  for (let at = 0; at < count; at++) await database.add(contentNumbered(at))
  const address = running.helia.libp2p.getMultiaddrs()[0]?.toString() ?? ''
  const joining: Joining = { address, database: database.address, count }
  return {
    async round() {
      const joiner = new AskedProcess(new URL(import.meta.url), { work: 'joiner' })
      await joiner.next()
      const { ms = 0 } = await joiner.ask<Figures>(joining)
      await joiner.end()
      return { perSecond: (1_000 * count) / ms }
    },
    close: () => stopOrbit(running),
  }
}

async function joinNow({ address, database, count }: Joining): Promise<Figures> {
  const { multiaddr } = await made<{ readonly multiaddr: (text: string) => unknown }>(
    '@multiformats/multiaddr',
  )
  const startedAt = performance.now()
  const running = await startOrbit()
  await running.helia.libp2p.dial(multiaddr(address))
  const copy = await running.orbit.open(database, { type: 'events' })
  // Reading the whole log each time would slow it down: its events are counted.
  const seen = new Set<number>()
  copy.events.on('update', () => seen.add(seen.size))
  let looks = 0
  // What came before this listened shows only there.
  const isThere = async (): Promise<boolean> =>
    seen.size >= count || (++looks % looksBetween === 0 && (await copy.all()).length >= count)
  while (!(await isThere())) await pause(20)
  const ms = performance.now() - startedAt
  await stopOrbit(running)
  return { ms }
}

const { work } = JSON.parse(process.argv[2] ?? '{}') as { readonly work?: string }
if (work === 'joiner') {
  await made('@orbitdb/core')
  await made('helia')
  answerEach(
    (joining) => joinNow(joining as Joining),
    async () => {},
  )
  process.send?.('ready')
} else {
  serveRounds(({ count }) => (work === 'join' ? joinLog(Number(count)) : append(Number(count))))
}
