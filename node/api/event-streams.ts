import type { ServerResponse } from 'node:http'
import type { EventLog, NodeEvent } from '../../src/index.ts'
import { eventRetryMs, type ApiLimits } from './limits.ts'

/** Where a stream begins: after an event of this run, or of another of which nothing is known. */
export type StreamStart = {
  readonly after: number
  /** Whether the client comes from another run of the node, whose events are gone. */
  readonly restarted: boolean
}

/** Why events are missing: too long ago, or of a run of the node that is over. */
type GapReason = 'forgotten' | 'restarted'

type Client = {
  readonly response: ServerResponse
  /** Id of the newest event written. */
  sent: number
  /** Set while the client does not read what was written. */
  unread: NodeJS.Timeout | undefined
}

/**
 * The event streams of an API. Invariants: 1. a client gets events in order, each once, or a `gap`
 * in their place. 2. Nothing is kept for a client that does not read: it catches up from the log
 * when it reads again, and is dropped when that takes too long.
 */
export class EventStreams {
  readonly #log: EventLog
  readonly #run: string
  readonly #limits: ApiLimits
  readonly #clients: Set<Client> = new Set()
  readonly #unlisten: () => void
  readonly #heart: NodeJS.Timeout

  /** `run` tells this run of the node from others; lower-case letters and digits. */
  constructor(log: EventLog, run: string, limits: ApiLimits) {
    this.#log = log
    this.#run = run
    this.#limits = limits
    this.#unlisten = log.listen((event) => this.#tell(event))
    this.#heart = setInterval(() => this.#beat(), limits.heartbeatMs)
    this.#heart.unref()
  }

  /** Clients that are connected. */
  get count(): number {
    return this.#clients.size
  }

  /** Whether another client would be too many. */
  get full(): boolean {
    return this.#clients.size >= this.#limits.eventClientsMax
  }

  /**
   * Reads where a client left off: `<id>-<run>` as the stream gave it, or a bare id of this run.
   * Without a text the stream begins now; undefined for what is neither.
   */
  startOf(text: string | undefined): StreamStart | undefined {
    const { newestId } = this.#log
    if (text === undefined) return { after: newestId, restarted: false }
    const match = /^(\d{1,15})(?:-([0-9a-z]{1,16}))?$/.exec(text)
    if (match === null) return undefined
    const after = Number(match[1])
    const other = match[2] !== undefined && match[2] !== this.#run
    return other || after > newestId ? { after: 0, restarted: true } : { after, restarted: false }
  }

  /** Streams events to a client until either side ends it. */
  open(response: ServerResponse, start: StreamStart): void {
    const client: Client = { response, sent: start.after, unread: undefined }
    this.#clients.add(client)
    response.on('drain', () => this.#resume(client))
    response.on('close', () => this.#forget(client))
    response.on('error', () => response.destroy())
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    })
    this.#write(client, `retry: ${eventRetryMs}\n\n`)
    this.#catchUp(client, start.restarted ? 'restarted' : undefined)
  }

  /** Ends all streams. */
  close(): void {
    this.#unlisten()
    clearInterval(this.#heart)
    for (const client of this.#clients) client.response.end()
  }

  #tell(event: NodeEvent): void {
    const text = this.#clients.size === 0 ? '' : this.#frame(event)
    for (const client of this.#clients) {
      // A client that is behind gets it from the log, in its turn.
      if (client.unread !== undefined || client.sent !== event.id - 1) continue
      client.sent = event.id
      this.#write(client, text)
    }
  }

  #catchUp(client: Client, lost?: GapReason): void {
    const { events, gap } = this.#log.after(client.sent)
    if (gap || lost !== undefined) {
      client.sent = (events[0]?.id ?? this.#log.newestId + 1) - 1
      this.#writeGap(client, lost ?? 'forgotten')
    }
    for (const event of events) {
      if (client.unread !== undefined) return
      client.sent = event.id
      this.#write(client, this.#frame(event))
    }
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (client.unread === undefined) this.#write(client, ': the node is there\n\n')
    }
  }

  #resume(client: Client): void {
    clearTimeout(client.unread)
    client.unread = undefined
    this.#catchUp(client)
  }

  #write(client: Client, text: string): void {
    const { response } = client
    if (response.writableEnded || response.destroyed || response.write(text)) return
    client.unread ??= setTimeout(() => response.destroy(), this.#limits.slowClientMs)
  }

  #forget(client: Client): void {
    clearTimeout(client.unread)
    this.#clients.delete(client)
  }

  #writeGap(client: Client, reason: GapReason): void {
    const data = JSON.stringify({ reason, next: client.sent + 1 })
    this.#write(client, `id: ${client.sent}-${this.#run}\nevent: gap\ndata: ${data}\n\n`)
  }

  #frame(event: NodeEvent): string {
    const data = JSON.stringify(event)
    return `id: ${event.id}-${this.#run}\nevent: ${event.type}\ndata: ${data}\n\n`
  }
}
