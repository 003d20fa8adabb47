import type { Readable } from 'node:stream'
import { Failure } from '../../src/index.ts'

/**
 * The next so many bytes of a stream, and no more. Fails with `peer-unavailable` where it ends or
 * is closed before, or the time is over.
 */
export function readExactly(stream: Readable, count: number, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer)
      for (const event of ['end', 'close', 'error']) stream.off(event, fail)
      stream.off('readable', look)
    }
    const fail = (): void => {
      done()
      reject(new Failure('peer-unavailable', 'the other side hung up, or said nothing in time'))
    }
    const look = (): void => {
      const bytes: unknown = stream.read(count)
      if (!(bytes instanceof Buffer)) return
      done()
      // What a stream that has ended still holds is less than was asked for.
      if (bytes.length === count) resolve(bytes)
      else fail()
    }
    const timer = setTimeout(fail, timeoutMs)
    for (const event of ['end', 'close', 'error']) stream.once(event, fail)
    stream.on('readable', look)
    look()
  })
}
