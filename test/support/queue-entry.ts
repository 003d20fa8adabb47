import { deadlineMsMax, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import type { Entry } from '../../src/queue/request.ts'

/** A request that waits in sage's queue, as given and plain in all else. */
export function queueEntry(
  given: Partial<Entry> & { readonly id: RecordId; readonly requester: SocietyKey },
): Entry {
  return {
    to: 'sage' as SocietyKey,
    amount: 100,
    urgency: 500_000,
    efficiency: 500_000,
    submittedAt: 0,
    deadline: deadlineMsMax,
    critical: false,
    arrivedAt: 0,
    refused: null,
    served: null,
    dropped: false,
    ...given,
  }
}
