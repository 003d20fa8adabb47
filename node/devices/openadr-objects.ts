/** The objects that a simulated OpenADR 3.1 server serves to one customer among others. */

/** What the operator has agreed with the customer and allows it; in `units`. */
export type Agreement = {
  readonly subscription?: number
  readonly reservation?: number
  readonly limit?: number
  readonly units: string | null
}

/** Objects of a server, as JSON has them. */
export type Objects = Readonly<
  Record<'programs' | 'events' | 'vens' | 'resources', readonly Readonly<Record<string, unknown>>[]>
>

/** Who the customer is, and what is to be had of it. */
export type Customer = {
  readonly venName: string
  readonly programName: string
  /** Names of its sites. */
  readonly resources: readonly string[]
  readonly agreement: Agreement
  /** Events of prices besides those of capacity. */
  readonly prices: number
}

const made = {
  createdDateTime: '2026-01-01T00:00:00Z',
  modificationDateTime: '2026-01-01T00:00:00Z',
}
const forever = { start: '0001-01-01T00:00:00', duration: 'P9999Y' }
const programId = 'program-capacity'

type Given = readonly [id: string, type: string, value: number | undefined]

function capacityEvents(target: string, agreement: Agreement): Objects['events'] {
  const { subscription, reservation, limit, units } = agreement
  const given: readonly Given[] = [
    ['subscription', 'IMPORT_CAPACITY_SUBSCRIPTION', subscription],
    ['reservation', 'IMPORT_CAPACITY_RESERVATION', reservation],
    ['limit', 'IMPORT_CAPACITY_LIMIT', limit],
  ]
  return given.flatMap(([id, type, value]) => {
    if (value === undefined) return []
    const descriptor = { objectType: 'EVENT_PAYLOAD_DESCRIPTOR', payloadType: type, units }
    return {
      ...made,
      id: `event-${target}-${id}`,
      objectType: 'EVENT',
      programID: programId,
      eventName: id,
      targets: [target],
      payloadDescriptors: [descriptor],
      intervalPeriod: forever,
      intervals: [{ id: 0, payloads: [{ type, values: [value] }] }],
    }
  })
}

function priceEvents(target: string, count: number): Objects['events'] {
  return Array.from({ length: count }, (_, number) => ({
    ...made,
    id: `event-price-${number}`,
    objectType: 'EVENT',
    programID: 'program-prices',
    targets: [target],
    intervalPeriod: { start: '2026-01-01T00:00:00Z', duration: 'P1D' },
    intervals: [{ id: 0, payloads: [{ type: 'PRICE', values: [0.17] }] }],
  }))
}

/** All that the server has, of its customer and of a neighbour, whose it must not show. */
export function objectsOf(customer: Customer, neighbour: string): Objects {
  const { venName, programName, resources, agreement, prices } = customer
  const ven = (name: string) => ({
    ...made,
    id: `ven-${name}`,
    objectType: 'VEN',
    clientID: name,
    venName: name,
    targets: [name],
  })
  return {
    programs: [{ ...made, id: programId, objectType: 'PROGRAM', programName, targets: null }],
    events: [
      ...priceEvents(venName, prices),
      ...capacityEvents(venName, agreement),
      ...capacityEvents(neighbour, { subscription: 999, units: 'KW' }),
    ],
    vens: [ven(venName), ven(neighbour)],
    resources: resources.map((resourceName) => ({
      ...made,
      id: `resource-${resourceName}`,
      objectType: 'RESOURCE',
      clientID: venName,
      resourceName,
      venID: `ven-${venName}`,
      targets: [venName],
    })),
  }
}

/** Whether a client that holds a target may see an object: those of none are for all. */
export function isVisible(object: Readonly<Record<string, unknown>>, target: string): boolean {
  const { targets } = object
  return !Array.isArray(targets) || targets.length === 0 || targets.includes(target)
}
