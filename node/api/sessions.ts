import { randomBytes } from 'node:crypto'
import { codeLifeMs, codesMax, sessionLifeMs, sessionsMax } from './limits.ts'

/** What a session may do: everything, or nothing but look. */
export type Access = 'read' | 'write'

/** A code or a token, what it gives, and until when (milliseconds since 1970). */
export type Pass = {
  readonly secret: string
  readonly access: Access
  readonly until: number
}

/**
 * Browsers that use the dashboard. Invariants: 1. a code opens one session and is gone, whether or
 * not it was still in time. 2. Nothing is kept on disk: a node that starts anew knows nobody.
 * 3. Of codes and sessions there are only so many; the oldest make room.
 */
export class Sessions {
  readonly #now: () => number
  readonly #codes: Map<string, Pass> = new Map()
  readonly #sessions: Map<string, Pass> = new Map()

  /** `now` is the wall clock in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** A new code, of 256 random bits: nobody guesses one within its five minutes. */
  code(access: Access): Pass {
    return this.#add(this.#codes, codesMax, access, codeLifeMs)
  }

  /** The session that a code opens; undefined for one that is unknown, used or too old. */
  open(code: string): Pass | undefined {
    const pass = this.#codes.get(code)
    this.#codes.delete(code)
    if (pass === undefined || pass.until <= this.#now()) return undefined
    return this.#add(this.#sessions, sessionsMax, pass.access, sessionLifeMs)
  }

  /** What the bearer of an Authorization header may do; undefined where it names no session. */
  accessOf(authorization: string | undefined): Access | undefined {
    const token = /^Bearer ([0-9a-f]{64})$/i.exec(authorization ?? '')?.[1]
    const pass = token === undefined ? undefined : this.#sessions.get(token)
    if (pass === undefined || pass.until > this.#now()) return pass?.access
    this.#sessions.delete(pass.secret)
    return undefined
  }

  #add(passes: Map<string, Pass>, most: number, access: Access, lifeMs: number): Pass {
    const [oldest] = passes.keys()
    if (oldest !== undefined && passes.size >= most) passes.delete(oldest)
    const secret = randomBytes(32).toString('hex')
    const pass = { secret, access, until: this.#now() + lifeMs }
    passes.set(secret, pass)
    return pass
  }
}
