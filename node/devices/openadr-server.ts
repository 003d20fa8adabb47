import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
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
  token: string,
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
  return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 3600 } }
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

/** An OpenADR 3.1 server over HTTP, with OAuth client credentials, pages and privacy by target. */
export function createVtn(settings: VtnSettings): Server {
  const { misbehave } = settings
  const token = randomBytes(24).toString('base64url')

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
      return tokenFor(request, token, settings)
    }
    const isIn = request.headers.authorization === `Bearer ${token}`
    if (!isIn || misbehave === 'expired-token') return problem(401, 'Unauthorized')
    const [, list, id] = /^\/(programs|events|vens|resources)(?:\/([^/]+))?$/.exec(path) ?? []
    if (list === undefined) return problem(404, 'Not Found')
    if (id === undefined) return listed(list as keyof Objects, url.searchParams, settings)
    const found = settings.objects()[list as keyof Objects].find((object) => object['id'] === id)
    return found === undefined ? problem(404, 'Not Found') : { status: 200, body: found }
  }

  return createServer((request, response) => {
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
  })
}
