import type { Command } from './command.ts'
import { backingCommands } from './commands/backing.ts'
import { backupCommands } from './commands/backup.ts'
import { checkpointCommands } from './commands/checkpoints.ts'
import { dashboardCommands } from './commands/dashboard.ts'
import { doctorCommands } from './commands/doctor.ts'
import { energyCommands } from './commands/energy.ts'
import { keyCommands } from './commands/key.ts'
import { kinCommands } from './commands/kin.ts'
import { localnetCommands } from './commands/localnet.ts'
import { nodeCommands } from './commands/node.ts'
import { proveCommands } from './commands/prove.ts'
import { queueCommands } from './commands/queue.ts'
import { sourceCommands } from './commands/sources.ts'
import { tradeCommands } from './commands/trade.ts'
import { trustCommands } from './commands/trust.ts'
import { witnessCommands } from './commands/witnesses.ts'
import { workCommands } from './commands/work.ts'
import { worldCommands } from './commands/world.ts'

/** Every command, in the order that help shows them. */
export const commands: readonly Command[] = [
  ...nodeCommands,
  ...keyCommands,
  ...dashboardCommands,
  ...doctorCommands,
  ...proveCommands,
  ...sourceCommands,
  ...energyCommands,
  ...workCommands,
  ...queueCommands,
  ...kinCommands,
  ...tradeCommands,
  ...backingCommands,
  ...witnessCommands,
  ...trustCommands,
  ...localnetCommands,
  ...worldCommands,
  ...checkpointCommands,
  ...backupCommands,
]

/** Options that every command takes. */
export const commonOptions = {
  json: 'one JSON value on stdout, nothing else',
  dir: 'the node’s directory; SOCIETY_DIR or ~/.society by default',
} as const
