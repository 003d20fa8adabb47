import { serveRounds, type Rounds } from '../rounds.ts'
import { timed } from '../stopwatch.ts'
import type { Figures } from '../trial.ts'
import { answerEach, AskedProcess } from '../workers.ts'

/** A log that is open. */
export type PeerLog = {
  /** Appends one record; returns once that is what the system calls done. */
  append(number: number): Promise<unknown>
  close(): Promise<void>
}

/** A log of records that others can join, and what they need to know. */
export type Served<Joining> = { readonly joining: Joining; close(): Promise<void> }

/** Another system, as far as it is compared. */
export type Peer<Joining> = {
  /** Loads its modules, before any time is taken. */
  load(): Promise<unknown>
  open(): Promise<PeerLog>
  /** Calls at once; one by one where the system does so itself. */
  readonly callers: number
  serve(count: number): Promise<Served<Joining>>
  /** Starts empty and ends with all of them: `ms`, and `wireBytes` and `diskBytes` where known. */
  join(joining: Joining): Promise<Figures>
}

async function append<J>(peer: Peer<J>, count: number): Promise<Rounds> {
  const log = await peer.open()
  let next = 0
  const write = async (records: number): Promise<void> => {
    let left = records
    const caller = async (): Promise<void> => {
      while (left-- > 0) await log.append(next++)
    }
    await Promise.all(Array.from({ length: peer.callers }, caller))
  }
  await write(count / 2)
  return {
    async round() {
      return timed(count, () => write(count))
    },
    close: () => log.close(),
  }
}

async function join<J>(peer: Peer<J>, program: URL, count: number): Promise<Rounds> {
  const served = await peer.serve(count)
  return {
    async round() {
      const joiner = new AskedProcess(program, { work: 'joiner' })
      await joiner.next()
      const { ms = 0, ...bytes } = await joiner.ask<Figures>(served.joining)
      await joiner.end()
      const each = Object.entries(bytes).map(([name, value]) => [name, (value ?? 0) / count])
      return { perSecond: (1_000 * count) / ms, ...Object.fromEntries(each) }
    },
    close: () => served.close(),
  }
}

/** Makes this process one that works for the benchmark, or one that joins when it is asked to. */
export async function servePeer<J>(program: string, peer: Peer<J>): Promise<void> {
  const { work } = JSON.parse(process.argv[2] ?? '{}') as { readonly work?: string }
  if (work === 'joiner') {
    await peer.load()
    answerEach(
      (joining) => peer.join(joining as J),
      async () => {},
    )
    process.send?.('ready')
    return
  }
  serveRounds(({ count }) =>
    work === 'join' ? join(peer, new URL(program), Number(count)) : append(peer, Number(count)),
  )
}
