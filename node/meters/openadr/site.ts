import { Failure } from '../../../src/index.ts'
import type { Event, Resource } from './objects.ts'
import type { Vtn } from './vtn-client.ts'

/** Whose capacity is asked for, as the server knows it. */
export type Site = {
  readonly ven: string
  /** One of several sites of the VEN; null where it is the VEN as a whole. */
  readonly resource: string | null
  /** Whether an event is about this site. */
  readonly concerns: (event: Event) => boolean
}

function choose(wanted: string | undefined, resources: readonly Resource[]): Resource | undefined {
  if (wanted === undefined && resources.length < 2) return undefined
  const found = resources.find(({ resourceName }) => resourceName === wanted)
  if (found !== undefined) return found
  const names = resources.map(({ resourceName }) => resourceName).slice(0, 20)
  throw new Failure(
    'malformed',
    names.length === 0
      ? 'The server knows no resource of this client; leave --resource out.'
      : `Say which site with --resource NAME; there are ${names.join(', ')}.`,
  )
}

/** The name of the one VEN of this client; its client id where the server tells of none. */
async function venOf(
  vtn: Vtn,
  clientId: string | undefined,
): Promise<{ id?: string; name: string }> {
  const vens = await vtn.list('vens', { optional: true })
  if (vens === undefined && clientId !== undefined) return { name: clientId }
  if (vens === undefined) {
    throw new Failure('source-unavailable', 'The server does not tell whose token this is.')
  }
  const [ven, another] = vens
  if (ven !== undefined && another === undefined) return { id: ven.id, name: ven.venName }
  throw new Failure(
    ven === undefined ? 'source-unavailable' : 'malformed',
    ven === undefined
      ? 'The server knows no VEN of this client; have its operator enrol it.'
      : `This client sees ${vens.length} VENs and not its own alone; use the credentials of one.`,
  )
}

/**
 * Finds out who this client is to the server. Throws `malformed` where several sites fit and none
 * or another one is wanted, `source-unavailable` where it is nobody.
 */
export async function findSite(
  vtn: Vtn,
  clientId: string | undefined,
  wanted: string | undefined,
): Promise<Site> {
  const { id, name } = await venOf(vtn, clientId)
  const query = id === undefined ? {} : { venID: id }
  const resources = (await vtn.list('resources', { query, optional: true })) ?? []
  const resource = choose(wanted, resources)
  const targets = new Set([...(resource?.targets ?? []), resource?.resourceName])
  return {
    ven: name,
    resource: resource?.resourceName ?? null,
    concerns: ({ targets: meant }) =>
      resource === undefined ||
      meant === undefined ||
      meant === null ||
      meant.length === 0 ||
      meant.some((target) => targets.has(target)),
  }
}
