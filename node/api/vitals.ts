import { getHeapStatistics } from 'node:v8'
import { actorOf, didOf, keyOfDid, type TrustState } from '../../protocol/index.ts'
import type { Replica } from '../../src/index.ts'
import type { ApiContext } from './context.ts'
import type { BondVitals, Reached, SyncLag, Vitals } from './vital-signs.ts'

const iso = (time: number): string => new Date(time).toISOString()

/** Documents whose owner has announced more changes than are here. */
function syncLagOf(replica: Replica): readonly SyncLag[] {
  return replica.heads().flatMap(({ society, name, kind, seq }) => {
    const key = keyOfDid(society)
    const head = key === undefined ? undefined : replica.headOf(actorOf(kind, key))?.head
    if (head === undefined || head.seq <= seq) return []
    const { seq: announced, time } = head
    return [{ society, name, kind, held: seq, announced, announcedAt: iso(time) }]
  })
}

function reachedOf({ replica, network }: ApiContext): (society: string) => Reached {
  const connected = new Set(network.peers())
  const names = new Map(replica.views.societies().map(({ id, name }) => [id, name]))
  return (society) => {
    const key = keyOfDid(society)
    const peers = key === undefined ? [] : replica.peersOf(key)
    const name = names.get(society) ?? ''
    return { society, name, connected: peers.some((peer) => connected.has(peer)) }
  }
}

/** Since when something is missing of what was committed: told, or since the first grew stale. */
function missingSince({ bond, sources }: TrustState, now: number): number {
  const stale = (bond?.sources ?? []).flatMap((id) => sources.get(id)?.staleAt ?? [])
  return bond?.missingSince ?? Math.min(now, ...stale)
}

function bondOf({ replica, now }: ApiContext, own: TrustState | undefined): BondVitals | null {
  const [view] = replica.views.bonds(replica.self)
  if (view === undefined || own === undefined || own.bond === null) return null
  const { state, until, proven } = view
  const isInGrace = state === 'active' && !proven
  const breaksAt = missingSince(own, now()) + own.bond.graceMs
  return { state, until, proven, breaksAt: isInGrace ? iso(breaksAt) : null }
}

/** How a node fares now. */
export function vitalsOf(context: ApiContext): Vitals {
  const { replica, network, loopDelay, streams, startedAt, now } = context
  const { rss, heapUsed } = process.memoryUsage()
  const { p99Ms, maxMs } = loopDelay.view()
  const known = replica.views.societies()
  const own = [...replica.states().trusts].find(({ society }) => society === replica.self)
  const reached = reachedOf(context)
  const self = didOf(replica.self)
  const others = replica.membership().members.filter((member) => member !== self)
  return {
    uptimeMs: Math.max(0, now() - startedAt),
    process: {
      residentBytes: rss,
      heapUsedBytes: heapUsed,
      heapLimitBytes: getHeapStatistics().heap_size_limit,
      loopDelayP99Ms: p99Ms,
      loopDelayMaxMs: maxMs,
    },
    queues: replica.burdens(),
    sync: syncLagOf(replica),
    certificates: [...(own?.nodes ?? [])].map(([peer, until]) => ({ peer, until: iso(until) })),
    witnesses: (own?.appointments.at(-1)?.witnesses ?? []).map((key) => reached(didOf(key))),
    members: others.map(reached),
    admitted: replica.isAdmitted,
    bond: bondOf(context, own),
    restoring: replica.restoration.pending,
    equivocated: known
      .filter(({ id }) => replica.society(replica.find(id)).standing === 'equivocated')
      .map(({ id: society, name }) => ({ society, name })),
    eventClients: streams.count,
    network: network.counters(),
  }
}
