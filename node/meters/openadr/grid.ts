import type { Measurement, Meter } from '../../../src/index.ts'
import { isSimulator } from '../device-name.ts'
import { toMeasurement } from '../measurement.ts'
import { withinTime } from '../time-limit.ts'
import { capacityAt, tellsCapacity, type Capacity, type Word } from './capacity.ts'
import { spansInForce } from './in-force.ts'
import { answerTimeoutMs, intervalsKeptMax, measureTimeoutMs } from './limits.ts'
import type { Event, Program } from './objects.ts'
import { findSite, type Site } from './site.ts'
import { openVtn, type Vtn } from './vtn-client.ts'

/** Which server is asked and as whom; times in milliseconds if not those of `limits.ts`. */
export type OpenadrOptions = {
  /** Address below which the API is, ending in `/`. */
  readonly url: URL
  readonly clientId: string
  readonly clientSecret: string
  /** Name of one of several sites. */
  readonly resource?: string
  /** Where it stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** For the whole measurement. */
  readonly timeoutMs?: number
  /** For one answer. */
  readonly answerTimeoutMs?: number
}

type Asked = {
  readonly site: Site
  readonly capacity: Capacity
  readonly programs: readonly string[]
}

const method = 'openadr-3.1'

/** Of an event of capacity what is in force, for a plan of a week is too long to be evidence. */
function evidenceOf(event: Event, now: number): unknown {
  if (!tellsCapacity(event)) return undefined
  const intervals = event.intervals ?? []
  if (intervals.length <= intervalsKeptMax) return event
  const kept = spansInForce(event, now).map(({ interval }) => interval)
  return { ...event, intervals: kept, intervalsLeftOut: intervals.length - kept.length }
}

/** Who the client is to the server, and what it may draw now. */
async function ask(vtn: Vtn, options: OpenadrOptions): Promise<Asked> {
  const site = await findSite(vtn, options.clientId, options.resource)
  const query = { active: 'true' }
  const keep = (event: Event) => evidenceOf(event, options.now())
  const all = (await vtn.list('events', { query, keep })) ?? []
  const events = all.filter((event) => tellsCapacity(event) && site.concerns(event))
  const programs = new Map<string, Program>()
  for (const id of new Set(events.map(({ programID }) => programID))) {
    const program = await vtn.program(id)
    if (program !== undefined) programs.set(id, program)
  }
  const capacity = capacityAt(events, programs, options.now())
  const used = new Set(Object.values(capacity.words).map(({ program }) => program))
  const names = [...used].flatMap((id) => programs.get(id)?.programName ?? [])
  return { site, capacity, programs: names }
}

const wattsOf = (word: Word | undefined): number | null =>
  word === undefined ? null : Number(word.milliwatts) / 1000

function readingOf({ site, capacity, programs }: Asked) {
  const { words, allocated } = capacity
  return {
    ven: site.ven,
    resource: site.resource,
    programs,
    subscriptionWatts: wattsOf(words.SUBSCRIPTION),
    reservationWatts: wattsOf(words.RESERVATION),
    limitWatts: wattsOf(words.LIMIT),
    events: [...new Set(Object.values(words).map(({ event }) => event))],
    allocatedWatts: Number(allocated) / 1000,
  }
}

/**
 * Measures a grid connection by what its operator's server says (OpenADR 3.1): `allocated` in W is
 * the capacity that is subscribed to and reserved, at most the limit in force. The source is
 * `grid:openadr:<name of VEN or resource>`. `measure` throws `source-unavailable` if the server
 * does not answer, know or let in this client, or allows nothing now; `source-nonsense` if it
 * answers what no such server can; `malformed` where several sites fit.
 */
export function openadrGrid(options: OpenadrOptions): Meter {
  const { url, clientId, clientSecret, now } = options

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const vtn = await openVtn({
      url,
      clientId,
      clientSecret,
      answerTimeoutMs: options.answerTimeoutMs ?? answerTimeoutMs,
      signal,
    })
    const asked = await ask(vtn, options)
    const reading = readingOf(asked)
    const { ven, resource, programs } = reading
    const measurement = toMeasurement({
      type: 'grid',
      scheme: 'openadr',
      names: resource === null ? { VEN: ven } : { resource },
      fields: { allocated: reading.allocatedWatts },
      site: options.site,
      method,
      endpoint: { url: url.href },
      startedAt,
      finishedAt: now(),
      exchanges: vtn.exchanges,
      reading,
    })
    return { ...measurement, simulated: [ven, resource ?? '', ...programs].some(isSimulator) }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
