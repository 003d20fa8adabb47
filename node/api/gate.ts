import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { HttpFailure } from './problem.ts'

/** The part of a request that decides on admission. */
export type Knock = {
  readonly host: string | undefined
  /** How many Host headers it has: of two, another reader might have taken the other. */
  readonly hosts: number
  readonly origin: string | undefined
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

/** Who asks, by the token shown: one that may write, one that may read, or nobody known. */
export type Caller = 'writer' | 'reader' | 'stranger'

/** The tokens of an API. */
export type Tokens = { readonly token: string; readonly readToken: string }

/** Whose token was shown, found in a time that tells nothing of either. */
export function callerOf(authorization: string | undefined, { token, readToken }: Tokens): Caller {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1]
  if (given === undefined) return 'stranger'
  const shown = digest(given)
  const isWriter = timingSafeEqual(shown, digest(token))
  const isReader = timingSafeEqual(shown, digest(readToken))
  return isWriter ? 'writer' : isReader ? 'reader' : 'stranger'
}

/** Refuses who may not do this: `not-authorised`, 401 for strangers, 403 for readers who write. */
export function checkCaller(caller: Caller, isReading: boolean): void {
  if (caller === 'writer' || (caller === 'reader' && isReading)) return
  if (caller === 'reader') {
    const message = 'This token may only read; the one that may write is in the file token.'
    throw new HttpFailure(403, 'not-authorised', message)
  }
  throw new HttpFailure(
    401,
    'not-authorised',
    "The bearer token is missing or wrong; it is in the file token in the node's directory.",
  )
}
