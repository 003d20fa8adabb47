import { Failure } from '../../../src/index.ts'
import { spansInForce } from './in-force.ts'
import { capacityMilliwattsMax } from './limits.ts'
import type { Event, Program } from './objects.ts'

/** What a server can say of a customer's capacity: agreed, granted besides, allowed at most now. */
export type CapacityKind = 'SUBSCRIPTION' | 'RESERVATION' | 'LIMIT'

/** One thing that is said of a capacity, and by which event. */
export type Word = {
  readonly kind: CapacityKind
  readonly milliwatts: bigint
  readonly event: string
  readonly program: string
  /** A lower number goes before. */
  readonly priority: number
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Capacity to draw, with the three words that make it; in mW, null where nothing is said. */
export type Capacity = {
  readonly allocated: bigint
  readonly words: Readonly<Partial<Record<CapacityKind, Word>>>
}

// The examples of the user guide leave IMPORT_ out.
const payloadType = /^(?:IMPORT_)?CAPACITY_(SUBSCRIPTION|RESERVATION|LIMIT)$/

/** Milliwatts in one of each unit that power is given in. */
const milliwattsIn: Readonly<Record<string, bigint>> = {
  W: 1_000n,
  KW: 1_000_000n,
  MW: 1_000_000_000n,
}

/** Whether an event says something of a capacity to draw, now or at another time. */
export function tellsCapacity({ intervals }: Event): boolean {
  const payloads = (intervals ?? []).flatMap((interval) => interval.payloads)
  return payloads.some(({ type }) => payloadType.test(type))
}

/** A number of JSON in millionths, by its decimal digits; what is beyond them is cut off. */
function millionthsOf(value: unknown): bigint | undefined {
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(typeof value === 'number' ? String(value) : '')
  if (match === null) return undefined
  const [, whole = '', fraction = ''] = match
  return BigInt(whole + fraction.slice(0, 6).padEnd(6, '0'))
}

function unitsOf(type: string, { payloadDescriptors }: Pick<Event, 'payloadDescriptors'>) {
  return payloadDescriptors?.find((each) => each.payloadType === type)?.units ?? undefined
}

function milliwattsOf(
  payload: { readonly type: string; readonly values: readonly unknown[] },
  event: Event,
  program: Program | undefined,
): bigint {
  const { type, values } = payload
  const fail = (what: string): Failure =>
    new Failure('source-nonsense', `The event ${event.id} ${what}; tell the server's operator.`)
  const units = unitsOf(type, event) ?? (program && unitsOf(type, program))
  const inUnit = milliwattsIn[(units ?? '').toUpperCase()]
  if (inUnit === undefined) {
    throw fail(
      units === undefined
        ? `does not say in which unit its ${type} is`
        : `gives ${type} in '${units.slice(0, 20)}', and not in W, kW or MW`,
    )
  }
  const millionths = values.length === 1 ? millionthsOf(values[0]) : undefined
  const milliwatts = millionths === undefined ? undefined : (millionths * inUnit) / 1_000_000n
  if (milliwatts === undefined || milliwatts > capacityMilliwattsMax) {
    throw fail(`gives ${type} as ${JSON.stringify(values).slice(0, 60)}, which no site has`)
  }
  return milliwatts
}

function wordsOf(event: Event, program: Program | undefined, now: number): readonly Word[] {
  return spansInForce(event, now).flatMap(({ start, interval }) =>
    interval.payloads.flatMap((payload): readonly Word[] => {
      const kind = payloadType.exec(payload.type)?.[1] as CapacityKind | undefined
      if (kind === undefined) return []
      const milliwatts = milliwattsOf(payload, event, program)
      // The lowest priority is none.
      const priority = event.priority ?? Number.MAX_SAFE_INTEGER
      const { id, programID } = event
      return [{ kind, milliwatts, event: id, program: programID, priority, since: start }]
    }),
  )
}

/**
 * Which of two words of a kind holds: that of higher priority, then that which began later, then
 * the lesser, for OpenADR leaves open what holds of equals.
 */
function stronger(a: Word, b: Word): Word {
  if (a.priority !== b.priority) return a.priority < b.priority ? a : b
  if (a.since !== b.since) return a.since > b.since ? a : b
  return a.milliwatts <= b.milliwatts ? a : b
}

/**
 * What events allow to draw at an instant: subscription and reservation, at most the limit. Throws
 * `source-unavailable` where nothing is allowed now, `source-nonsense` for amounts that are none.
 */
export function capacityAt(
  events: readonly Event[],
  programs: ReadonlyMap<string, Program>,
  now: number,
): Capacity {
  const words: Partial<Record<CapacityKind, Word>> = {}
  for (const event of events) {
    for (const word of wordsOf(event, programs.get(event.programID), now)) {
      const before = words[word.kind]
      words[word.kind] = before === undefined ? word : stronger(before, word)
    }
  }
  const { SUBSCRIPTION: subscribed, RESERVATION: reserved, LIMIT: limit } = words
  const agreed = (subscribed?.milliwatts ?? 0n) + (reserved?.milliwatts ?? 0n)
  const isAgreed = subscribed !== undefined || reserved !== undefined
  const most = limit?.milliwatts ?? agreed
  const allocated = isAgreed && agreed < most ? agreed : most
  if (allocated > 0n) return { allocated, words }
  throw new Failure(
    'source-unavailable',
    limit === undefined
      ? 'The server tells of no capacity that is in force now (no CAPACITY_SUBSCRIPTION, ' +
          'RESERVATION or LIMIT event for this client); ask its operator to subscribe you.'
      : 'The server lets this site draw nothing now (CAPACITY_LIMIT); measure again later.',
  )
}
