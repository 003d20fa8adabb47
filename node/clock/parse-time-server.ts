import { parseEndpoint, type Endpoint } from '../meters/endpoint.ts'
import { sntpPort } from './limits.ts'

/** Reads `HOST`, `HOST:PORT` or `[IPv6]:PORT`. Fails with `malformed`. */
export function parseTimeServer(text: string): Endpoint {
  return parseEndpoint(/:\d+$/.test(text) ? text : `${text}:${sntpPort}`)
}
