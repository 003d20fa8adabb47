import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { encodeSignedHead } from '../../protocol/index.ts'
import type { Agenda } from './agenda.ts'
import { Alarm } from '../alarm.ts'
import type { Claims } from '../claims/claims.ts'
import { answered, choresOf, nextChoreAt, type Chore, type ChoreView } from './chores.ts'
import { Failure } from '../failure.ts'
import type { Heads } from '../heads.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { automationPauseMs } from '../limits.ts'
import type { Clock, Log, Store } from '../ports.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import { releaseOf, type Release, type ReleaseView } from './release.ts'
import { UnacceptedGrants } from './unaccepted-grants.ts'

/** What automation needs of the node. */
export type AutomationParts = {
  readonly self: SocietyKey
  readonly ledger: Ledger
  readonly agenda: Agenda
  readonly heads: Heads
  readonly queue: WorkQueue
  /** mW of a society's valid sources now. */
  readonly capacityOf: (society: SocietyKey) => number
  /** A record that proves that a society signed two pasts. */
  readonly reportOf: (society: SocietyKey) => RecordId | undefined
  /** Whether what a liar handed over is certified by nobody, and not looked for any more. */
  readonly isLost: (handover: RecordId) => Promise<boolean>
  readonly claims: Claims
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly write: (kind: string, given: unknown) => Promise<unknown>
}

// Refusals after which trying again can change nothing.
const final: ReadonlySet<string> = new Set([
  'already-claimed',
  'equivocation',
  'already-ended',
  'expired',
  'not-authorised',
  'offer-closed',
  'unknown-reference',
  'invalid-amount',
])

/**
 * Does what a node does by itself: takes, returns, settles, claims, releases. Looks after every
 * accepted change or head, and when time alone gives it something to do. One pass at a time.
 */
export class AutomationLoop {
  readonly #parts: AutomationParts
  readonly #unaccepted: UnacceptedGrants
  readonly #alarm: Alarm
  #soon = false
  #running = false
  #stopped = true

  constructor(parts: AutomationParts) {
    this.#parts = parts
    this.#alarm = new Alarm(parts.clock, () => void this.#pass())
    const { self, claims, emit } = parts
    const { held, index } = parts.ledger
    this.#unaccepted = new UnacceptedGrants({ self, held, index, claims, emit })
  }

  /** Begins to look; once it has, looks soon. */
  start(): void {
    if (!this.#stopped) {
      this.nudge()
      return
    }
    this.#stopped = false
    this.#alarm.after(automationPauseMs)
  }

  /** Stops looking; a pass under way ends by itself. */
  stop(): void {
    this.#stopped = true
    this.#alarm.clear()
  }

  /** Something has changed: look soon. */
  nudge(): void {
    if (this.#stopped || this.#soon) return
    this.#soon = true
    if (!this.#running) this.#alarm.after(automationPauseMs)
  }

  async #pass(): Promise<void> {
    this.#running = true
    this.#soon = false
    try {
      await this.#work()
    } catch (error) {
      // The next thing that happens starts another pass.
      this.#parts.log.error('automation-failed', { error: String(error) })
    }
    this.#running = false
    if (this.#stopped) return
    if (this.#soon) this.#alarm.after(automationPauseMs)
    else this.#scheduleNext()
  }

  #scheduleNext(): void {
    const { self, ledger, agenda, clock, queue } = this.#parts
    const now = clock.now()
    const isRevoked = agenda.items().some(({ outcome }) => outcome.type === 'revoke')
    const isAsked = queue.isWaitedFor(self)
    const drop = isAsked ? queue.nextDrop : Infinity
    this.#alarm.set(nextChoreAt(ledger.held.pool(self), now, isRevoked || isAsked, drop))
  }

  async #work(): Promise<void> {
    const { agenda, ledger } = this.#parts
    const view = await this.#view()
    for (const id of answered(view)) await ledger.note(agenda.done(id))
    await Promise.all(choresOf(view).map((chore) => this.#do(chore)))
  }

  /** By what an own acceptance can be taken back now; undefined where nothing is known. */
  async releaseOf(acceptance: RecordId): Promise<Release | undefined> {
    return releaseOf(acceptance, await this.#releaseView())
  }

  /** Settlements of acceptances in escrow that are never claimed. */
  async #lost(): Promise<ReadonlySet<RecordId>> {
    const { self, ledger, agenda, isLost } = this.#parts
    const { acceptances } = ledger.held.pool(self)
    const lost = new Set<RecordId>()
    for (const { id, author, outcome } of agenda.items()) {
      if (outcome.type !== 'settlement' || !ledger.forks.convicted(author)) continue
      if (acceptances.has(outcome.acceptance) && (await isLost(id))) lost.add(id)
    }
    return lost
  }

  async #releaseView(): Promise<ReleaseView> {
    const { self, ledger, agenda, heads, clock, reportOf } = this.#parts
    return {
      now: clock.now(),
      own: ledger.held.pool(self),
      agenda: agenda.items(),
      lost: await this.#lost(),
      pool: (society) => ledger.held.pool(society),
      head: (society) => {
        const signed = heads.newest('pool', society)
        return signed && { time: signed.head.time, bytes: encodeSignedHead(signed) }
      },
      reportOf,
    }
  }

  async #view(): Promise<ChoreView> {
    const { self, ledger, agenda, clock, queue, capacityOf } = this.#parts
    const unaccepted = await this.#unaccepted.among(agenda.items(), clock.now())
    return {
      ...(await this.#releaseView()),
      unaccepted,
      // Who signed two pasts is not served and keeps nobody waiting.
      queue: () =>
        queue.ordered(self).filter(({ requester }) => !ledger.forks.convicted(requester)),
      capacity: () => capacityOf(self),
      isLiar: (society) => ledger.forks.convicted(society),
    }
  }

  async #do(chore: Chore): Promise<void> {
    const { write, agenda, ledger, log } = this.#parts
    try {
      await write(chore.kind, chore.with)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.debug('chore-refused', { kind: chore.kind, code: error.code, message: error.message })
      if (chore.item === undefined || !final.has(error.code)) return
      await ledger.note(agenda.done(chore.item))
    }
  }
}
