import { Failure } from '../../src/index.ts'

/** Where a device listens. */
export type Endpoint = { readonly host: string; readonly port: number }

/** Reads `HOST:PORT`, also `[IPv6]:PORT`. Fails with `malformed`. */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(\[[0-9a-fA-F:]+\]|[^\s:]+):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port < 1 || port > 65_535) {
    throw new Failure('malformed', `'${text}' is no HOST:PORT, such as 192.0.2.7:502`)
  }
  return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port }
}

/** The text that `parseEndpoint` reads. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const httpPort = 80
const httpsPort = 443

/** Where a server of HTTP or HTTPS listens. */
export function endpointOf({ protocol, hostname, port }: URL): Endpoint {
  const usual = protocol === 'https:' ? httpsPort : httpPort
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) }
}

/** Reads `http://HOST[:PORT]`, a device of the local network. Fails with `malformed`. */
export function parseHttpEndpoint(text: string): Endpoint {
  const match = /^http:\/\/([^/?#@]+)\/?$/i.exec(text)
  const place = match?.[1] ?? ''
  const hasPort = /:\d+$/.test(place) && !/^\[[^\]]*$/.test(place)
  try {
    return parseEndpoint(hasPort ? place : `${place}:${httpPort}`)
  } catch {
    throw new Failure('malformed', `'${text}' is no address such as http://192.0.2.8`)
  }
}
