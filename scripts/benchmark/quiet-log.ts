import type { Log } from '../../src/index.ts'

const nothing = (): void => {}

/** Says what has gone wrong, and nothing else. */
export const quietLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (event, fields) => console.error(event, fields),
}
