import { setTimeout as pause } from 'node:timers/promises'
import { calledOff } from './time-limit.ts'

/** Waits between two looks at a device, in ms; throws `source-unavailable` when called off. */
export async function pauseBetween(ms: number, signal: AbortSignal, device: string): Promise<void> {
  await pause(ms, undefined, { signal }).catch((cause: unknown) => {
    throw calledOff(signal, device, cause)
  })
}
