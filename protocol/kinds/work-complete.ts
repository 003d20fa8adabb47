import { formatMilli, millionths, multiplyDown } from '../amounts.ts'
import { fault, type Fault } from '../codes.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import { integerMax } from '../limits.ts'
import { endTicket } from '../ledger/advance.ts'
import { noteJob } from '../ledger/interactions.ts'
import { aliveShares, moveShares, splitShares, sumOf, takeFromLot } from '../ledger/lots.ts'
import { dischargeOccupation } from '../ledger/occupation.ts'
import { owe } from '../ledger/owed.ts'
import type { PoolState, Share, Ticket } from '../ledger/pool-state.ts'
import { absentDigest, completionMessage, type Completion } from '../statements.ts'
import { named, poolKind, type Judging, type RecordKind } from './kind.ts'
import { amount, digest, instant, key, optional, quality, reference, signature } from './schema.ts'

type Value = {
  readonly ticket: RecordId
  readonly quality: number
  readonly consumed: number | undefined
  readonly beneficiary: SocietyKey
  readonly outputDigest: string | undefined
  readonly started: number | undefined
  readonly finished: number | undefined
  readonly workerSignature: Uint8Array
  readonly beneficiarySignature: Uint8Array
}

function signatureFault(value: Value, worker: SocietyKey, judging: Judging): Fault | null {
  const completion: Completion = { ...value, worker }
  const message = completionMessage(completion)
  const { lookup } = judging
  if (!lookup.verify(value.workerSignature, message, worker)) {
    return fault('bad-signature', 'the worker has not signed this completion', value.ticket)
  }
  if (!lookup.verify(value.beneficiarySignature, message, value.beneficiary)) {
    return fault('bad-signature', 'the beneficiary has not signed this completion', value.ticket)
  }
  return null
}

function timesFault(value: Value, recordedAt: number): Fault | null {
  return Math.max(value.started ?? 0, value.finished ?? 0) > recordedAt
    ? fault('malformed', 'work starts and finishes before it is recorded')
    : null
}

/** Turns reserved shares into discharged packets: the society's own, or owed to their lender. */
function discharge(state: PoolState, shares: readonly Share[], cause: RecordId): void {
  for (const { lot, amount: consumed } of aliveShares(state, shares)) {
    takeFromLot(state, lot.key, 'reserved', consumed)
    if (lot.via === null) {
      state.pool += consumed
      dischargeOccupation(state, lot.batch, consumed)
    } else {
      owe(state, lot.via.grant, cause, lot.via.index, consumed)
    }
  }
}

function credit(state: PoolState, ticket: Ticket, value: Value, consumed: number): void {
  if (ticket.worker === value.beneficiary) return
  const earned = multiplyDown(consumed, value.quality, millionths)
  state.credited.set(ticket.worker, (state.credited.get(ticket.worker) ?? 0) + earned)
}

/** `work.complete`: reserved ATP is discharged; worker and beneficiary have both signed. */
export const workComplete: RecordKind = poolKind(
  'work.complete',
  {
    ticket: reference('work.allocate'),
    quality,
    consumed: optional(amount),
    beneficiary: key,
    outputDigest: optional(digest),
    started: optional(instant),
    finished: optional(instant),
    workerSignature: signature,
    beneficiarySignature: signature,
  },
  {
    shape({ started = 0, finished = integerMax, outputDigest }) {
      if (outputDigest === absentDigest) {
        return fault('malformed', 'a digest of zeros is what is signed where there is none')
      }
      return started > finished ? fault('malformed', 'work starts before it finishes') : null
    },
    check(state, value, judging) {
      const wrongTimes = timesFault(value, judging.time)
      if (wrongTimes !== null) return wrongTimes
      const { author, outcome } = named(judging, value.ticket, 'ticket')
      if (author !== judging.author) {
        return fault('not-authorised', 'the ticket is another society’s', value.ticket)
      }
      const unsigned = signatureFault(value, outcome.worker, judging)
      if (unsigned !== null) return unsigned
      const ticket = state.tickets.get(value.ticket)
      if (ticket === undefined) {
        return fault('already-ended', 'the ticket has ended', value.ticket)
      }
      const alive = sumOf(aliveShares(state, ticket.shares))
      if (alive === 0) return fault('expired', 'all ATP of the ticket has expired', value.ticket)
      return (value.consumed ?? alive) > alive
        ? fault('invalid-amount', `the ticket holds ${formatMilli(alive)} ATP`, value.ticket)
        : null
    },
    apply(state, value, judging) {
      const ticket = state.tickets.get(value.ticket) as Ticket
      const alive = aliveShares(state, ticket.shares)
      const consumed = value.consumed ?? sumOf(alive)
      const { first, rest } = splitShares(state, ticket.shares, consumed)
      const slices = aliveShares(state, first).map(({ lot, amount: part }) => {
        const { batch, charger, source, proof, chargedAt, expiresAt } = lot
        return { batch, charger, source, proof, chargedAt, expiresAt, amount: part }
      })
      discharge(state, first, judging.id)
      moveShares(state, rest, 'reserved', 'available')
      endTicket(state, ticket, 'completed')
      credit(state, ticket, value, consumed)
      noteJob(state, { ...value, worker: ticket.worker }, judging)
      judging.end(value.ticket)
      const { beneficiary } = value
      const { worker } = ticket
      return {
        type: 'completion',
        ticket: ticket.id,
        worker,
        beneficiary,
        consumed,
        quality: value.quality,
        slices,
      }
    },
  },
)
