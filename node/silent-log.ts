import type { Log } from '../src/index.ts'

const nothing = (): void => {}

/** A log that keeps nothing. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
