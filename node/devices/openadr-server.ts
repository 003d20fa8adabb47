import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { DeviceTlsServer } from './tls-front.ts'
import { isVisible, type Objects } from './openadr-objects.ts'

/** Faults of a server that show in how it answers. */
export const serverMisbehaviours = [
  'none',
  'silent',
  'close',
  'unknown-client',
  'expired-token',
  'hidden-events',
  'hidden-vens',
  'elsewhere-token',
  'wide-token',
  'long-token',
  'redirect',
  'busy',
  'not-json',
  'another-form',
  'huge',
  'endless',
  'pageless',
] as const

/** One of them. */
export type ServerMisbehaviour = (typeof serverMisbehaviours)[number]

/** What a server serves, and to whom. */
export type VtnSettings = {
  readonly clientId: string
  readonly clientSecret: string
  /** The target that the client holds: it sees what has it. */
  readonly target: string
  readonly objects: () => Objects
  readonly misbehave: ServerMisbehaviour
  /** Serves HTTPS with it. */
  readonly tls?: DeviceTlsServer | undefined
  /** Its clock, in ms since 1970; the machine's by default. */
  readonly now?: () => number
}

/** What a customer's client may be given; `read_all` and what writes events are its operator's. */
const venScopes = ['read_targets', 'read_ven_objects', 'write_reports', 'write_subscriptions']
const tokenSeconds = 3_600
/** A week: more than what is handed to anybody may last. */
const longTokenSeconds = 604_800

/** The scope that reading each list takes. */
const scopeOf: Readonly<Record<keyof Objects, string>> = {
  programs: 'read_targets',
  events: 'read_targets',
  vens: 'read_ven_objects',
  resources: 'read_ven_objects',
}

/** Tokens that were given, and what each may do until when, in ms since 1970. */
class Tokens {
  readonly #now: () => number
  readonly #given: Map<string, { readonly scopes: ReadonlySet<string>; readonly until: number }> =
    new Map()

  constructor(now: () => number) {
    this.#now = now
  }

  give(scopes: readonly string[], seconds: number): string {
    const token = randomBytes(24).toString('base64url')
    this.#given.set(token, { scopes: new Set(scopes), until: this.#now() + seconds * 1_000 })
    return token
  }

  /** What whoever shows a header may do; undefined for a token that is none, or no more. */
  scopesOf(header: string | undefined): ReadonlySet<string> | undefined {
    const given = this.#given.get(header?.replace(/^Bearer /, '') ?? '')
    return given !== undefined && given.until > this.#now() ? given.scopes : undefined
  }
}

const pageMax = 50
/** More bytes than any client should take. */
const hugeBytes = 4_194_304
/** Longest form that a client may post, in bytes. */
const formBytesMax = 16_384
/** The path below which the API is. */
export const basePath = '/openadr3/3.1.0'

type Answer = { readonly status: number; readonly body: unknown }

const problem = (status: number, title: string): Answer => ({
  status,
  body: { type: 'about:blank', title, status },
})

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    if (text.length < formBytesMax) text += chunk
  }
  return new URLSearchParams(text)
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}

async function tokenFor(
  request: IncomingMessage,
  tokens: Tokens,
  { clientId, clientSecret, misbehave }: VtnSettings,
): Promise<Answer> {
  const form = await formOf(request)
  const isKnown =
    form.get('grant_type') === 'client_credentials' &&
    isSame(form.get('client_id') ?? '', clientId) &&
    isSame(form.get('client_secret') ?? '', clientSecret)
  if (!isKnown || misbehave === 'unknown-client') {
    return { status: 401, body: { error: 'invalid_client' } }
  }
  const wanted = form.get('scope')?.split(' ') ?? venScopes
  if (!wanted.every((scope) => venScopes.includes(scope))) {
    return { status: 400, body: { error: 'invalid_scope' } }
  }
  const scopes = misbehave === 'wide-token' ? venScopes : wanted
  const seconds = misbehave === 'long-token' ? longTokenSeconds : tokenSeconds
  const token = { access_token: tokens.give(scopes, seconds), token_type: 'Bearer' }
  return { status: 200, body: { ...token, expires_in: seconds, scope: scopes.join(' ') } }
}

function listed(list: keyof Objects, query: URLSearchParams, settings: VtnSettings): Answer {
  const { objects, target, misbehave } = settings
  if (misbehave === `hidden-${list}`) return problem(403, 'Forbidden')
  const skip = Number(query.get('skip') ?? '0')
  const limit = Math.min(Number(query.get('limit') ?? String(pageMax)), pageMax)
  const visible = objects()[list].filter((object) => isVisible(object, target))
  if (misbehave === 'pageless') return { status: 200, body: visible }
  if (misbehave === 'endless' && list === 'events') {
    const more = (_: unknown, index: number) => ({ ...visible[0], id: `event-${skip + index}` })
    return { status: 200, body: Array.from({ length: limit }, more) }
  }
  if (misbehave === 'another-form' && list === 'events') {
    return { status: 200, body: [{ id: 7, programID: null }] }
  }
  return { status: 200, body: visible.slice(skip, skip + limit) }
}

function send(response: ServerResponse, answer: Answer, misbehave: ServerMisbehaviour): void {
  if (misbehave === 'redirect') {
    response.writeHead(302, { location: 'http://elsewhere.example.org/' }).end()
    return
  }
  if (misbehave === 'busy') {
    response.writeHead(503, { 'retry-after': '120' }).end()
    return
  }
  const { status, body } = answer
  const text = misbehave === 'not-json' ? '<html>Welcome</html>' : JSON.stringify(body)
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type })
  response.end(misbehave === 'huge' ? `"${'x'.repeat(hugeBytes)}"` : text)
}

/**
 * An OpenADR 3.1 server over HTTP or HTTPS, with OAuth client credentials and scopes, pages and
 * privacy by target. Reports are taken and forgotten.
 */
export function createVtn(settings: VtnSettings): Server {
  const { misbehave, tls, now = Date.now } = settings
  const tokens = new Tokens(now)

  async function answerTo(request: IncomingMessage, url: URL): Promise<Answer> {
    const path = url.pathname.startsWith(basePath) ? url.pathname.slice(basePath.length) : ''
    if (path === '/auth/server') {
      const scheme = 'encrypted' in request.socket ? 'https' : 'http'
      const tokenURL = `${scheme}://${request.headers.host}${basePath}/auth/token`
      const elsewhere = 'http://tokens.example.org/auth/token'
      const told = misbehave === 'elsewhere-token' ? elsewhere : tokenURL
      return { status: 200, body: { tokenURL: told } }
    }
    if (path === '/auth/token' && request.method === 'POST') {
      return tokenFor(request, tokens, settings)
    }
    const scopes = tokens.scopesOf(request.headers.authorization)
    if (scopes === undefined || misbehave === 'expired-token') return problem(401, 'Unauthorized')
    if (path === '/reports' && request.method === 'POST') {
      return scopes.has('write_reports') ? { status: 201, body: {} } : problem(403, 'Forbidden')
    }
    const [, list, id] = /^\/(programs|events|vens|resources)(?:\/([^/]+))?$/.exec(path) ?? []
    if (list === undefined) return problem(404, 'Not Found')
    if (request.method !== 'GET') return problem(405, 'Method Not Allowed')
    if (!scopes.has(scopeOf[list as keyof Objects])) return problem(403, 'Forbidden')
    if (id === undefined) return listed(list as keyof Objects, url.searchParams, settings)
    const found = settings.objects()[list as keyof Objects].find((object) => object['id'] === id)
    return found === undefined ? problem(404, 'Not Found') : { status: 200, body: found }
  }

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (misbehave === 'silent') return
    if (misbehave === 'close') {
      request.socket.destroy()
      return
    }
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`)
    answerTo(request, url).then(
      (answer) => send(response, answer, misbehave),
      () => response.destroy(),
    )
  }
  if (tls === undefined) return createServer(serve)
  const { certificate: cert, key } = tls
  return createSecureServer({ cert, key, minVersion: 'TLSv1.2' }, serve)
}
