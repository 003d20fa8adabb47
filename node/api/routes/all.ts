import type { Route } from '../route.ts'
import { checkpointRoutes } from './checkpoints.ts'
import { clockRoutes } from './clock.ts'
import { confirmationRoutes } from './confirmations.ts'
import { dashboardRoutes } from './dashboard.ts'
import { descriptionRoutes } from './description.ts'
import { eventRoutes } from './events.ts'
import { federationRoutes } from './federation.ts'
import { measurementRoutes } from './measurements.ts'
import { metricsRoutes } from './metrics.ts'
import { nodeRoutes } from './node.ts'
import { queueRoutes } from './queue.ts'
import { recordRoutes } from './records.ts'
import { societyRoutes } from './societies.ts'
import { sourceRoutes } from './sources.ts'
import { ticketRoutes } from './tickets.ts'
import { tradeRoutes } from './trades.ts'
import { trustRoutes } from './trust.ts'
import { vitalsRoutes } from './vitals.ts'
import { whyRoutes } from './why.ts'

/** Every route of the API. */
export const routes: readonly Route[] = [
  ...nodeRoutes,
  ...clockRoutes,
  ...societyRoutes,
  ...federationRoutes,
  ...trustRoutes,
  ...queueRoutes,
  ...ticketRoutes,
  ...tradeRoutes,
  ...recordRoutes,
  ...sourceRoutes,
  ...measurementRoutes,
  ...confirmationRoutes,
  ...eventRoutes,
  ...dashboardRoutes,
  ...vitalsRoutes,
  ...whyRoutes,
  ...checkpointRoutes,
  ...metricsRoutes,
  ...descriptionRoutes,
]
