import { expect, test } from 'vitest'
import { keyOfBytes, namedMsMax, recordId } from '../../protocol/index.ts'
import { isOpen, wasOpen, type Entry } from '../../src/queue/request.ts'

const society = keyOfBytes(new Uint8Array(32))
const entry: Entry = {
  id: recordId('0'.repeat(64), 0),
  requester: society,
  to: society,
  amount: 1_000,
  urgency: 0,
  efficiency: 0,
  submittedAt: 5,
  deadline: 2 * namedMsMax,
  critical: false,
  arrivedAt: 5,
  refused: null,
  served: null,
  dropped: false,
}

test('a request waits as long as a ticket may name it, whatever its deadline (Q2, H1)', () => {
  expect(isOpen(entry, 5 + namedMsMax)).toBe(true)
  expect(isOpen(entry, 6 + namedMsMax)).toBe(false)
  expect(wasOpen(entry, 6 + namedMsMax)).toBe(false)
  expect(isOpen({ ...entry, deadline: 9 }, 9)).toBe(true)
  expect(isOpen({ ...entry, deadline: 9 }, 10)).toBe(false)
})
