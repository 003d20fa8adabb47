import type { Seen } from '../../metrics/seen.ts'
import type { ApiContext } from '../context.ts'
import { defineRoute, type Route } from '../route.ts'
import { vitalsOf } from '../vitals.ts'

async function seenBy(context: ApiContext): Promise<Seen> {
  const { replica, network, renewals, version, storeBytes, now } = context
  const { state, peersOffsetMs, serversOffsetMs } = replica.clockGuard.view()
  return {
    version,
    society: replica.society(),
    vitals: vitalsOf(context),
    signs: replica.health().broken === null && state === 'right',
    peersOffsetMs,
    serversOffsetMs,
    peers: network.peerDetails(),
    documents: replica.heads(),
    checkpoints: replica.checkpoints(),
    storeBytes: await storeBytes(),
    now: now(),
    renewalsFailing: renewals.failing().length,
  }
}

const getMetrics = defineRoute({
  id: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  summary: 'Metrics in the text format of Prometheus; the token for reading is enough',
  answers: [{ status: 200, description: 'Metrics', type: 'text/plain' }],
  handle: async (context, _input, reply) => {
    void reply.type(context.metrics.contentType)
    return context.metrics.text(await seenBy(context))
  },
})

/** Metrics. */
export const metricsRoutes: readonly Route[] = [getMetrics]
