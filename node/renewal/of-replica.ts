import type { Clock, Log, Replica } from '../../src/index.ts'
import { effectiveCapacity } from '../api/effective-capacity.ts'
import type { Renewals, RenewalsParts } from './renewals.ts'

/** What measuring again asks of a replica. */
export function renewalsOf(
  replica: Replica,
  clock: Clock,
): Pick<RenewalsParts, 'capacityOf' | 'prove' | 'seen' | 'sourceOf' | 'emit'> {
  return {
    capacityOf: effectiveCapacity,
    prove: (measurement) => replica.prove(measurement),
    seen: (measurement) => replica.seenAgain(measurement),
    sourceOf: (id) => {
      const source = replica.society().energy.sources[id]
      if (source === undefined) return undefined
      const { capacity, measuredAt, staleAt, state } = source
      return {
        capacity,
        measuredAt: Date.parse(measuredAt),
        staleAt: Date.parse(staleAt),
        isRetired: state === 'retired',
      }
    },
    emit: (type, data) => replica.events.emit(type, clock.now(), data),
  }
}

/** Has a source forgotten as soon as it is retired. */
export function forgetRetired(renewals: Renewals, replica: Replica, log: Log): () => void {
  const self = replica.society().id
  return replica.events.listen(({ type, data }) => {
    if (type !== 'record' || data['kind'] !== 'energy.retire' || data['society'] !== self) return
    renewals.forgetRetired().catch((error: unknown) => {
      log.warn('renewals-not-saved', { error: String(error) })
    })
  })
}
