import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Failure, type Log } from '../../src/index.ts'
import { portInUse } from '../port-in-use.ts'
import { Metrics } from '../metrics/metrics.ts'
import type { ApiContext, ApiOptions } from './context.ts'
import { EventStreams } from './event-streams.ts'
import { addAdmission, addShedding } from './admission.ts'
import { addDashboard, dashboardDirectory, dashboardPaths } from './dashboard-files.ts'
import { apiLimits, type ApiLimits } from './limits.ts'
import { LoopDelay } from './loop-delay.ts'
import { OpenConnections } from './open-connections.ts'
import { openapiOf } from './openapi.ts'
import { HttpFailure, problem, problemOf, type Problem } from './problem.ts'
import type { Route } from './route.ts'
import { routes } from './routes/all.ts'
import { Sessions } from './sessions.ts'

/** An API that answers at an address until it is closed. */
export type Api = { readonly url: string; close(): Promise<void> }

const problemType = 'application/problem+json'

async function answerProblem(reply: FastifyReply, body: Problem, waitSeconds = 1): Promise<void> {
  if (body.status === 401) void reply.header('www-authenticate', 'Bearer')
  if (body.status === 429 || body.status === 503)
    void reply.header('retry-after', String(waitSeconds))
  // Serialised here, for the framework does not know the type as one of JSON.
  await reply.code(body.status).type(problemType).send(JSON.stringify(body))
}

const openPaths: ReadonlySet<string> = new Set([
  ...routes.filter((route) => route.open === true).map(({ path }) => path),
  ...dashboardPaths,
])

type Answering = { readonly log: Log; readonly limits: ApiLimits }

async function answerError(
  { log, limits }: Answering,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const body = problemOf(error, request.method === 'GET')
  if (body.code === 'internal') {
    const { stack = error.message } = error
    log.error('api-failed', { method: request.method, route: request.routeOptions.url, stack })
  }
  const tooLarge = `A body has at most ${limits.bodyBytesMax} bytes.`
  const wait = error instanceof HttpFailure ? error.retryAfterSeconds : undefined
  await answerProblem(reply, body.status === 413 ? { ...body, detail: tooLarge } : body, wait)
}

/** Answers what is not even HTTP, and closes the connection. */
function answerNoise(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const overflow = error.code === 'HPE_HEADER_OVERFLOW'
  const status = overflow ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const code = overflow ? 'too-large' : 'malformed'
  const body = JSON.stringify(problem(status, code, 'That is no request that can be read.'))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function addRoute(server: FastifyInstance, route: Route, context: ApiContext): void {
  const { method, params, query, body, answers } = route
  const schema = {
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body }),
  }
  server.route({
    method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      void reply.code(answers[0].status)
      const input = { params: request.params, query: request.query, body: request.body }
      return route.handle(context, input, reply)
    },
  })
}

const refuseToCompile = (): never => {
  throw new TypeError('assertion: schemas are compiled by TypeBox, and answers have none')
}
/** In the place of the compilers that fastify brings along: loading those takes 10 ms. */
const noCompilers = {
  buildValidator: () => refuseToCompile,
  buildSerializer: () => refuseToCompile,
}

/** Compiles a schema when it is first needed: for all of them together a start takes 10 ms more. */
const compiledWhenUsed: typeof TypeBoxValidatorCompiler = (route) => {
  let validate: ReturnType<typeof TypeBoxValidatorCompiler> | undefined
  return (value: unknown) => {
    validate ??= TypeBoxValidatorCompiler(route)
    return validate(value)
  }
}

function createServer(answering: Answering): FastifyInstance {
  const { limits } = answering
  const server = fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    return503OnClosing: false,
    clientErrorHandler: answerNoise,
    schemaController: { compilersFactory: noCompilers },
    frameworkErrors: (error, request, reply) => {
      void answerError(answering, error, request, reply)
    },
  })
  server.server.maxConnections = limits.connectionsMax
  server.removeContentTypeParser('text/plain')
  server.setValidatorCompiler(compiledWhenUsed)
  server.setErrorHandler<FastifyError>((error, request, reply) =>
    answerError(answering, error, request, reply),
  )
  server.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?', 1)[0]} here.`
    return answerProblem(reply, problem(404, 'unknown-reference', detail))
  })
  return server
}

/** Listens; fails with `port-in-use`, or `malformed` for an address that cannot be listened on. */
async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await server.listen({ host, port })
  } catch (cause) {
    await server.close()
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
    if (code === 'EADDRINUSE') {
      throw await portInUse({ key: 'api.port', host, port }, cause)
    }
    throw new Failure('malformed', `The API cannot listen at ${host}:${port}: ${code}.`, { cause })
  }
  const address = server.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  // Who listens everywhere is reached on loopback too.
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${bound}`
}

/**
 * Serves the HTTP API of a node. Everything it does it does through the replica. Fails with
 * `port-in-use` or `malformed`. `close` lets answers under way end, for a while.
 */
export async function createApi(options: ApiOptions, limits: ApiLimits = apiLimits): Promise<Api> {
  const { replica, log, startedAt, version } = options
  let url = ''
  let closing: Promise<void> | undefined
  const streams = new EventStreams(replica.events, startedAt.toString(36), limits)
  const sessions = new Sessions(options.now)
  let description: ReturnType<typeof openapiOf> | undefined
  const loopDelay = new LoopDelay()
  const metrics = new Metrics()
  const context: ApiContext = {
    ...options,
    limits,
    streams,
    sessions,
    loopDelay,
    metrics,
    url: () => url,
    description: () => (description ??= openapiOf(routes, version)),
  }
  const server = createServer({ log, limits })
  const connections = new OpenConnections(server.server)
  addDashboard(server, options.dashboard ?? dashboardDirectory)
  const isOpen = (path: string): boolean => openPaths.has(path)
  const isClosing = (): boolean => closing !== undefined
  await addAdmission(server, { ...options, limits, metrics, sessions, isOpen, isClosing })
  await addShedding(server, { limits, metrics })
  for (const route of routes) addRoute(server, route, context)
  try {
    url = await listen(server, options.host, options.port)
  } catch (error) {
    streams.close()
    loopDelay.close()
    throw error
  }
  async function close(): Promise<void> {
    streams.close()
    loopDelay.close()
    connections.drain()
    const timer = setTimeout(() => server.server.closeAllConnections(), limits.closeGraceMs)
    await server.close()
    clearTimeout(timer)
  }
  return {
    url,
    close: () => (closing ??= close()),
  }
}
