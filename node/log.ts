import { pino } from 'pino'
import type { Log } from '../src/index.ts'

/** Structured log, one JSON object a line on stderr. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  )
  return {
    debug: (event, fields) => logger.debug({ event, ...fields }),
    info: (event, fields) => logger.info({ event, ...fields }),
    warn: (event, fields) => logger.warn({ event, ...fields }),
    error: (event, fields) => logger.error({ event, ...fields }),
  }
}
