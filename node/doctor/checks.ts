import type { Check } from './check.ts'
import { directoryChecks } from './directory-checks.ts'
import { historyChecks } from './history-checks.ts'
import { keepingChecks } from './keeping-checks.ts'
import { ledgerChecks } from './ledger-checks.ts'
import { machineChecks } from './machine-checks.ts'
import { networkChecks } from './network-checks.ts'
import { nodeChecks } from './node-checks.ts'

/** Every check, in the order in which one leads to the next. */
export const checks: readonly Check[] = [
  ...directoryChecks,
  ...machineChecks,
  ...nodeChecks,
  ...networkChecks,
  ...ledgerChecks,
  ...historyChecks,
  ...keepingChecks,
]
