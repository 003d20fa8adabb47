import { getHeapStatistics } from 'node:v8'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import { callerOf, checkCaller, checkPlace, type Caller, type Tokens } from './gate.ts'
import { retryAfterSeconds, type ApiLimits } from './limits.ts'
import { HttpFailure } from './problem.ts'
import type { Sessions } from './sessions.ts'

/** What admission to an API hangs on. */
export type AdmissionParts = Tokens & {
  /** The name to be called by besides those of loopback. */
  readonly host: string
  readonly limits: ApiLimits
  readonly metrics: Metrics
  /** Browsers that use the dashboard: what each may do counts as a token that may. */
  readonly sessions: Sessions
  /** Whether the route of a path answers without a token. */
  readonly isOpen: (path: string) => boolean
  readonly isClosing: () => boolean
}

/** Counts callers apart, so that one who floods does not keep the others out. */
const nameOf = (caller: Caller, { ip }: FastifyRequest): string =>
  caller === 'stranger' ? `stranger ${ip}` : caller

type Known = Tokens & Pick<AdmissionParts, 'sessions'>

function callerIn({ headers }: FastifyRequest, { sessions, ...tokens }: Known): Caller {
  const access = sessions.accessOf(headers.authorization)
  if (access !== undefined) return access === 'write' ? 'writer' : 'reader'
  return callerOf(headers.authorization, tokens)
}

/**
 * Refuses whoever may not come in, before a byte of the body is read: first by Host and Origin,
 * then who asks too much (429), then by token, and everybody while the node stops (503).
 */
export async function addAdmission(server: FastifyInstance, parts: AdmissionParts): Promise<void> {
  const { limits, metrics, host: ownHost } = parts
  const most: Readonly<Record<Caller, number>> = {
    writer: limits.writerRequestsMax,
    reader: limits.readerRequestsMax,
    stranger: limits.strangerRequestsMax,
  }
  // Asked three times for each request, and tokens are compared by their digests.
  const callers = new WeakMap<FastifyRequest, Caller>()
  const callerOfRequest = (request: FastifyRequest): Caller => {
    const caller = callers.get(request) ?? callerIn(request, parts)
    callers.set(request, caller)
    return caller
  }
  await server.register(rateLimit, {
    global: false,
    timeWindow: limits.rateWindowMs,
    keyGenerator: (request) => nameOf(callerOfRequest(request), request),
    max: (request: FastifyRequest) => most[callerOfRequest(request)],
  })
  const count = server.createRateLimit()
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    const { host, origin } = request.headers
    const { host: hosts = [] } = request.raw.headersDistinct
    checkPlace({ host, hosts: hosts.length, origin }, ownHost)
    const counted = await count(request)
    if (!counted.isAllowed && counted.isExceeded) {
      metrics.turnedAway('rate')
      const message = `More than ${counted.max} requests in ${limits.rateWindowMs / 1_000} s.`
      throw new HttpFailure(429, 'rate-limited', message, counted.ttlInSeconds)
    }
    if (!parts.isOpen(request.routeOptions.url ?? '')) {
      checkCaller(callerOfRequest(request), request.method === 'GET')
    }
    if (!parts.isClosing()) return
    metrics.turnedAway('stopping')
    throw new HttpFailure(503, 'peer-unavailable', 'The node is stopping.', retryAfterSeconds)
  })
  server.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const route = routeOptions.url ?? 'none'
    metrics.answered(method, route, reply.statusCode, reply.elapsedTime / 1_000)
  })
}

// Who looks what is wrong, or ends it, is let in whatever the load.
const neverShed: ReadonlySet<string> = new Set(['/health', '/metrics', '/v1/vitals', '/v1/stop'])

/** Turns requests away (503) while the event loop is far behind or the heap is nearly full. */
export async function addShedding(
  server: FastifyInstance,
  { limits, metrics }: Pick<AdmissionParts, 'limits' | 'metrics'>,
): Promise<void> {
  await server.register(underPressure, {
    maxEventLoopDelay: limits.loopDelayMsMax,
    maxHeapUsedBytes: limits.heapShareMax * getHeapStatistics().heap_size_limit,
    pressureHandler: (request) => {
      if (neverShed.has(request.routeOptions.url ?? '')) return
      metrics.turnedAway('pressure')
      const message = 'The node has more to do than it can; this request was not looked at.'
      throw new HttpFailure(503, 'peer-unavailable', message, retryAfterSeconds)
    },
  })
}
