import type { Socket } from 'node:net'
import type { Endpoint } from './endpoint.ts'

/**
 * Opens a stream of bytes to where a device listens, ready to be written to; by default a
 * connection of this machine's own. Fails with `source-unavailable`, or its own reasons.
 */
export type Reach = (endpoint: Endpoint, signal: AbortSignal) => Promise<Socket>
