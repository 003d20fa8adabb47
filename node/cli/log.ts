import { setTimeout as pause } from 'node:timers/promises'
import type { NodeEvent } from '../../src/index.ts'
import type { Answer, CommandContext } from './command.ts'
import { NoNode } from '../client/index.ts'
import { toldOf } from './failures.ts'
import { printable, short } from './text.ts'

/** How long a node that has gone is waited for, and the pause between two looks, in ms. */
const reconnectMsMax = 30_000
const lookMs = 500

function lineOf({ time, type, data }: NodeEvent): string {
  const parts = Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${name === 'id' ? short(String(value)) : String(value)}`)
  return printable(`${time}  ${type.padEnd(18)} ${parts.join(' ')}`)
}

/** What has happened so far, as far as the node keeps it. */
export async function pastEvents({ client }: CommandContext): Promise<Answer> {
  const events = await (await client()).pastEvents()
  const text = events.length === 0 ? 'nothing yet' : events.map(lineOf).join('\n')
  return { value: events, text }
}

/** Events as they come, over restarts of the node; a `gap` where some are missing. */
async function* follow(
  { client, tell }: CommandContext,
  signal: AbortSignal,
): AsyncGenerator<NodeEvent> {
  let last = '0'
  let seenAt = Date.now()
  for (let first = true; !signal.aborted; first = false) {
    try {
      for await (const { id, type, data } of (await client()).events(last, signal)) {
        last = id
        const body: NodeEvent = JSON.parse(data)
        yield type === 'gap' ? gapOf(id, data) : body
      }
      seenAt = Date.now()
      if (!signal.aborted) tell('the node has gone; waiting for it to come back')
    } catch (error) {
      if (signal.aborted) return
      // A node that is just coming or going refuses, or answers half.
      const isOver = first || Date.now() - seenAt > reconnectMsMax
      if (isOver || !(error instanceof NoNode || error instanceof TypeError)) throw error
    }
    await pause(lookMs, undefined, { signal }).catch(() => {})
  }
}

function gapOf(id: string, data: string): NodeEvent {
  const missing: NodeEvent['data'] = JSON.parse(data)
  return { id: Number.parseInt(id, 10), time: '', type: 'gap', data: missing }
}

/**
 * Prints events until the process is told to stop: a line each, or under `--json` one array whose
 * elements come line by line.
 */
export async function followEvents(context: CommandContext): Promise<undefined> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  const { json } = context
  // Begun with the first, so that a failure to connect is the one JSON value there is.
  let before = '['
  try {
    for await (const event of follow(context, stop.signal)) {
      process.stdout.write(json ? `${before}\n${JSON.stringify(event)}` : `${lineOf(event)}\n`)
      before = ','
    }
  } catch (error) {
    if (!json || before === '[') throw error
    // The array is the one value; what went wrong is told beside it.
    const { exitCode, message } = toldOf(error)
    process.stderr.write(`${message}\n`)
    process.exitCode = exitCode
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
  if (json) process.stdout.write(before === '[' ? '[]\n' : '\n]\n')
  return undefined
}
