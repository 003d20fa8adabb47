import { createHash } from 'node:crypto'
import { Failure } from '../../../src/index.ts'
import { sendRequest, type HttpAnswer } from './http-request.ts'
import type { Reach } from '../reach.ts'
import { pageObjectsMax, pagesMax, passSecondsMax } from './limits.ts'
import { readObject, readPage, readToken, readTokenUrl } from './objects.ts'
import type { Listed, ListName, Program, Token } from './objects.ts'

/** A request that was answered. Of lists just what tells of capacity is kept, with a digest. */
export type Exchange = {
  readonly request: string
  readonly status: number
  /** SHA-256 of the whole answer, in hex; none of an answer that holds a secret. */
  readonly sha256?: string
  readonly answer?: unknown
}

/** Where a server is, who asks, and how long to wait. */
export type VtnOptions = {
  /** With the path below which the API is. */
  readonly url: URL
  /** Who asks: by credentials, or whoever a token was given to. */
  readonly client: VtnClient
  readonly answerTimeoutMs: number
  readonly signal: AbortSignal
  /** Another way to it than connections of this machine's. */
  readonly reach?: Reach | undefined
  /** Certificates in PEM that vouch for it; without it those of the system. */
  readonly roots?: readonly string[] | undefined
}

/** A client of a server: by id and secret, or by a token that it was handed. */
export type VtnClient =
  | { readonly clientId: string; readonly clientSecret: string }
  | { readonly token: () => Promise<string> }

/** What a client may ask of a server with credentials of its own. */
export type OwnVtnOptions = VtnOptions & {
  readonly client: { readonly clientId: string; readonly clientSecret: string }
}

/** A query of a list. */
export type Query = Readonly<Record<string, string>>

/** An OpenADR 3.1 server, to a client that has a token. Throws as `sendRequest` does. */
export type Vtn = {
  /**
   * All objects of a list that this client may see; undefined where it may not have the list at all
   * and `optional` says that this is no failure. `keep` gives what of each is
   * evidence, undefined for nothing.
   */
  readonly list: <L extends ListName>(
    list: L,
    options: {
      readonly query?: Query
      readonly optional?: true
      readonly keep?: (object: Listed[L]) => unknown
    },
  ) => Promise<readonly Listed[L][] | undefined>
  /** A program by its id; undefined where this client may not see it. */
  readonly program: (id: string) => Promise<Program | undefined>
  readonly exchanges: readonly Exchange[]
}

/** What a VEN needs to read what is its own; OpenADR 3.1 has `read_all` for operators alone. */
const passScopes = 'read_targets read_ven_objects'

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const unavailable = (message: string): Failure => new Failure('source-unavailable', message)
const nonsense = (message: string): Failure => new Failure('source-nonsense', message)

/** What an answer that is no success means to whoever runs the meter. */
function whyRefused(status: number, path: string, { url }: VtnOptions): Failure {
  if (status === 401) return unavailable(`${url.host} does not take its own token for ${path}.`)
  if (status === 403) {
    return unavailable(
      `${url.host} does not let this client see ${path}; ask its operator for the scopes ` +
        'read_targets and read_ven_objects.',
    )
  }
  if (status === 429 || status >= 500) {
    return unavailable(`${url.host} cannot answer now (HTTP ${status}); try again later.`)
  }
  const reason = status >= 300 && status < 400 ? 'leads elsewhere' : 'is no such page'
  return nonsense(
    `${path} of ${url.host} ${reason} (HTTP ${status}); check that the address is that of an ` +
      'OpenADR 3.1 server, with the path below which it is.',
  )
}

function parse({ body }: HttpAnswer, what: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new Failure('source-nonsense', `${what} is no JSON; check the address.`, { cause })
  }
}

/** The token endpoint: the secret goes to the server itself, or at least not in the clear. */
function tokenEndpoint(told: string, base: URL): URL {
  const url = URL.canParse(told, base.href) ? new URL(told, base) : undefined
  if (url !== undefined && (url.protocol === 'https:' || url.origin === base.origin)) return url
  throw nonsense(
    `${base.host} sends clients for tokens to '${told.slice(0, 100)}', where the secret would go ` +
      'to somebody else in the clear; check the address, tell its operator.',
  )
}

async function fetchToken(
  options: OwnVtnOptions,
  exchanges: Exchange[],
  scope?: string,
): Promise<Token> {
  const { url, client, answerTimeoutMs: timeoutMs, signal, reach, roots } = options
  const { clientId, clientSecret } = client
  const way = { timeoutMs, signal, reach, roots }
  const server = new URL(`${url.href}auth/server`)
  const told = await sendRequest({ url: server, headers: {}, ...way })
  const answer = told.status === 200 ? parse(told, '/auth/server') : undefined
  exchanges.push({ request: 'GET /auth/server', status: told.status, answer })
  if (answer === undefined) throw whyRefused(told.status, '/auth/server', options)
  const endpoint = tokenEndpoint(readTokenUrl(answer, 'The answer of /auth/server'), url)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    ...(scope === undefined ? {} : { scope }),
  })
  const given = await sendRequest({ url: endpoint, headers: {}, form, ...way })
  exchanges.push({ request: `POST ${endpoint.origin}${endpoint.pathname}`, status: given.status })
  if (given.status === 200) return readToken(parse(given, 'The token'), 'The token')
  if ([400, 401, 403].includes(given.status)) {
    throw unavailable(
      `${endpoint.host} does not know this client (HTTP ${given.status}); check --client-id and ` +
        'the file with its secret.',
    )
  }
  throw whyRefused(given.status, endpoint.pathname, options)
}

/** Whether a client asks with credentials of its own. */
export const hasCredentials = (options: VtnOptions): options is OwnVtnOptions =>
  'clientSecret' in options.client

async function tokenFor(options: VtnOptions, exchanges: Exchange[]): Promise<string> {
  if (hasCredentials(options)) return (await fetchToken(options, exchanges)).text
  return 'token' in options.client ? options.client.token() : ''
}

/**
 * A token of a server to hand to a witness: one that reads what this client may see, and nothing
 * else, for an hour at most. Fails with `not-authorised` where the server gives none such.
 */
export async function fetchPass(options: OwnVtnOptions): Promise<string> {
  const { text, scope = passScopes, expiresInSeconds } = await fetchToken(options, [], passScopes)
  const reading = new Set(passScopes.split(' '))
  const more = scope.split(' ').filter((name) => name !== '' && !reading.has(name))
  if (more.length > 0) {
    const given = more.join(', ').slice(0, 100)
    throw new Failure(
      'not-authorised',
      `The server gives no token that reads alone (${given}); this one is handed to nobody.`,
    )
  }
  if (expiresInSeconds !== undefined && expiresInSeconds <= passSecondsMax) return text
  throw new Failure(
    'not-authorised',
    'The server gives no token that ends within the hour; this one is handed to nobody.',
  )
}

/** Gets a token of a server and gives what can be asked with it. */
export async function openVtn(options: VtnOptions): Promise<Vtn> {
  const { url, answerTimeoutMs: timeoutMs, signal, reach, roots } = options
  const exchanges: Exchange[] = []
  const headers = { authorization: `Bearer ${await tokenFor(options, exchanges)}` }

  async function get(path: string): Promise<HttpAnswer> {
    const page = new URL(url.href + path.slice(1))
    return sendRequest({ url: page, headers, timeoutMs, signal, reach, roots })
  }

  const list: Vtn['list'] = async (name, { query = {}, optional, keep = (object) => object }) => {
    const objects = new Map<string, Listed[typeof name]>()
    let skip = 0
    for (let page = 0; page < pagesMax; page++) {
      const bounds = { ...query, skip: String(skip), limit: String(pageObjectsMax) }
      const path = `/${name}?${new URLSearchParams(bounds).toString()}`
      const answer = await get(path)
      const { status, body } = answer
      const request = `GET ${path}`
      const isHidden = optional === true && [403, 404, 501].includes(status)
      if (isHidden || status !== 200) {
        exchanges.push({ request, status })
        if (isHidden) return undefined
        throw whyRefused(status, `/${name}`, options)
      }
      const found = readPage(name, parse(answer, `/${name}`), `The list of ${name}`)
      const kept = found.map(keep).filter((each) => each !== undefined)
      exchanges.push({ request, status, sha256: digestOf(body), answer: kept })
      const before = objects.size
      for (const object of found) objects.set(object.id, object)
      // A server that knows no pages sends all it has each time.
      if (found.length < pageObjectsMax || objects.size === before) return [...objects.values()]
      skip += found.length
    }
    throw nonsense(
      `${url.host} has more than ${pagesMax * pageObjectsMax} ${name} for this client; ` +
        'have the client see its own alone.',
    )
  }

  return {
    list,
    exchanges,
    async program(id) {
      const path = `/programs/${encodeURIComponent(id)}`
      const answer = await get(path)
      const { status, body } = answer
      const told = status === 200 ? parse(answer, path) : undefined
      exchanges.push({
        request: `GET ${path}`,
        status,
        ...(told === undefined ? {} : { sha256: digestOf(body), answer: told }),
      })
      if (told !== undefined) return readObject('programs', told, `The program ${id}`)
      if ([403, 404, 501].includes(status)) return undefined
      throw whyRefused(status, path, options)
    },
  }
}
