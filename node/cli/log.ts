import type { NodeEvent } from '../../src/index.ts'
import type { Client } from './client.ts'
import { short } from './text.ts'

function lineOf({ time, type, data }: NodeEvent): string {
  const parts = Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${name === 'id' ? short(String(value)) : String(value)}`)
  return `${time}  ${type.padEnd(18)} ${parts.join(' ')}`
}

/**
 * Prints events as they come, each a line (of JSON under `--json`). Without `follow` it ends after
 * what has happened so far.
 */
export async function showLog(client: Client, follow: boolean, json: boolean): Promise<undefined> {
  const print = (event: NodeEvent): void => {
    process.stdout.write(`${json ? JSON.stringify(event) : lineOf(event)}\n`)
  }
  if (!follow) {
    const path = '/v1/events?follow=false&after=0'
    const { events } = await client.ask<{ readonly events: readonly NodeEvent[] }>('GET', path)
    for (const event of events) print(event)
    return undefined
  }
  for await (const line of client.lines('/v1/events?after=0')) {
    if (line.startsWith('data: ')) print(JSON.parse(line.slice(6)) as NodeEvent)
  }
  return undefined
}
