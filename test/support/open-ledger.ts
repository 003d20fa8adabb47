import { silentLog } from '../../node/silent-log.ts'
import { createMemoryStore } from '../../src/index.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { LedgerParts } from '../../src/ledger/ledger-parts.ts'
import { atOnce } from '../../src/turns.ts'

/** Opens a ledger in memory that knows of nothing besides: what it hangs on, and what differs. */
export function openLedger(
  parts: Pick<LedgerParts, 'verifier' | 'signer' | 'clock'> & Partial<LedgerParts>,
): Promise<Ledger> {
  return Ledger.open({
    store: createMemoryStore(),
    log: silentLog,
    breathe: atOnce,
    observers: [],
    refuses: () => undefined,
    onAccepted: () => {},
    mayHaveSigned: () => false,
    clockFault: () => undefined,
    headOf: () => undefined,
    onAdopted: () => {},
    onConvicted: () => {},
    ...parts,
  })
}
