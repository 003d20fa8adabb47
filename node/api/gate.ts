import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { HttpFailure } from './problem.ts'

/** The part of a request that decides on admission. */
export type Knock = {
  readonly host: string | undefined
  /** How many Host headers it has: of two, another reader might have taken the other. */
  readonly hosts: number
  readonly origin: string | undefined
  readonly authorization: string | undefined
}

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])
const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** The name in a Host header, without port and brackets; undefined where it is malformed. */
function nameOf(host: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?$/.exec(host)
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}

function isOurName(name: string, configured: string): boolean {
  if (loopbackNames.has(name) || name === configured.toLowerCase()) return true
  // On all interfaces any address may be ours; a name may not, for it could be rebound to us.
  return wildcards.has(configured) && isIP(name) !== 0
}

/**
 * Refuses requests that a page of somebody else's may have caused: a Host that is not ours (a name
 * rebound to this machine) or an Origin other than that Host. Fails with `not-authorised`, 403.
 */
export function checkPlace(knock: Knock, configured: string): void {
  const { host = '', hosts, origin } = knock
  const name = hosts > 1 ? undefined : nameOf(host)
  if (name === undefined || !isOurName(name, configured)) {
    throw new HttpFailure(403, 'not-authorised', 'The Host header names another host than this.')
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    throw new HttpFailure(403, 'not-authorised', 'Pages of another origin may not use this API.')
  }
}

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()

/** Checks the bearer token, in a time that tells nothing of it; else `not-authorised`, 401. */
export function checkToken(knock: Knock, token: string): void {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(knock.authorization ?? '')?.[1]
  if (given === undefined || !timingSafeEqual(digest(given), digest(token))) {
    throw new HttpFailure(
      401,
      'not-authorised',
      "The bearer token is missing or wrong; it is in the file token in the node's directory.",
    )
  }
}
