import { Transform } from 'node:stream'
import { Failure } from '../../src/index.ts'

/** What a witness is told that sends more to a device of another society than requests to read. */
export function moreThanReading(what: string): Failure {
  return new Failure('not-authorised', `Witnesses may read, and nothing else: ${what}.`)
}

/**
 * Lets through what a device's protocol only reads with, and fails with `not-authorised` on
 * anything else. `take` is given all bytes that wait and gives how many of them, from the first on,
 * are one whole request to read; 0 while it cannot tell. It throws for what is none.
 */
export function onlyReading(take: (bytes: Buffer) => number): Transform {
  let held = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      held = Buffer.concat([held, chunk])
      try {
        for (let whole = take(held); whole > 0; whole = held.length === 0 ? 0 : take(held)) {
          this.push(held.subarray(0, whole))
          held = held.subarray(whole)
        }
        done()
      } catch (error) {
        done(error instanceof Error ? error : moreThanReading(String(error)))
      }
    },
  })
}
