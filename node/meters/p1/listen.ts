import { Failure } from '../../../src/index.ts'
import type { Endpoint } from '../endpoint.ts'
import { openSocket, untilClosed, type SocketOptions } from '../tcp-socket.ts'
import { Framer, type Framed } from './framer.ts'
import { brokenMax, noiseBytesMax, receivedBytesMax, repeatedMax } from './limits.ts'
import { timeOf } from './reading.ts'
import { parseTelegram, type Telegram } from './telegram.ts'

/** A telegram as it came; `receivedAt` in ms since 1970. */
export type Received = {
  readonly receivedAt: number
  readonly text: string
  readonly telegram: Telegram
}

/** Where telegrams come from and how long to wait for them, in ms. */
export type ListenOptions = Endpoint & {
  readonly connectTimeoutMs: number
  /** Wall clock in ms since 1970. */
  readonly now: () => number
  readonly signal: AbortSignal
}

const nonsense = (message: string): Failure => new Failure('source-nonsense', message)

const whyBroken: Readonly<Record<string, string>> = {
  checksum: 'their checksums do not fit; check the cable and that the adapter inverts the signal',
  'no-checksum': 'they have no checksum; a DSMR 4 meter or newer is needed',
  cut: 'they are cut off or too long; see that no other program reads the same adapter',
  characters: 'they hold characters that none has; check baud rate and parity of the adapter',
}

/** Collects telegrams until there are two of different times. */
class Listener {
  readonly #framer: Framer = new Framer()
  readonly #now: () => number
  #first: Received | undefined
  #bytes = 0
  #broken = 0
  #why = ''
  #repeated = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Takes what came; two telegrams once there are. Throws `source-nonsense`. */
  take(bytes: Uint8Array): readonly [Received, Received] | undefined {
    this.#bytes += bytes.length
    for (const framed of this.#framer.push(bytes)) {
      const pair = framed.kind === 'broken' ? this.#break(framed) : this.#receive(framed.text)
      if (pair !== undefined) return pair
    }
    if (this.#first === undefined && this.#broken === 0 && this.#bytes > noiseBytesMax) {
      throw this.#without()
    }
    return undefined
  }

  #break({ why }: Extract<Framed, { kind: 'broken' }>): undefined {
    this.#broken += 1
    this.#why = why
    if (this.#broken >= brokenMax) throw this.#without()
  }

  #receive(text: string): readonly [Received, Received] | undefined {
    const received = { receivedAt: this.#now(), text, telegram: parseTelegram(text) }
    const before = this.#first
    this.#first ??= received
    if (before === undefined) return undefined
    if (timeOf(received.telegram) > timeOf(before.telegram)) return [before, received]
    this.#repeated += 1
    if (this.#repeated < repeatedMax) return undefined
    throw nonsense(
      'The same telegram comes again and again, its time stands still: this is a recording, or ' +
        'the meter is stuck.',
    )
  }

  /** What was wrong when the time was over or the connection closed; undefined for nothing. */
  complaint(): Failure | undefined {
    if (this.#first !== undefined) return undefined
    return this.#broken > 0 || this.#bytes > 0 ? this.#without() : undefined
  }

  #without(): Failure {
    const why = whyBroken[this.#why]
    return why === undefined
      ? nonsense('Bytes come, and no telegram among them; check baud rate and parity (115200 8N1).')
      : nonsense(`Telegrams come, but ${why}.`)
  }

  get within(): boolean {
    return this.#framer.within
  }
}

/**
 * Waits for two telegrams of a meter, of different times. Throws `source-unavailable` where none
 * come in time or the connection closes, `source-nonsense` where what comes is no telegram.
 */
export async function listen(options: ListenOptions): Promise<readonly [Received, Received]> {
  const socketOptions: SocketOptions = {
    ...options,
    service: 'the P1 gateway',
    excuse: 'some gateways take one client at a time',
    answerBytesMax: receivedBytesMax,
  }
  const socket = await openSocket(socketOptions)
  const listener = new Listener(options.now)
  const ended = untilClosed(socket, socketOptions)
  try {
    const pair = new Promise<readonly [Received, Received]>((resolve) => {
      socket.on('data', (bytes: Buffer) => {
        try {
          const received = listener.take(bytes)
          if (received !== undefined) resolve(received)
        } catch (error) {
          socket.destroy(error as Error)
        }
      })
    })
    return await Promise.race([pair, ended])
  } catch (error) {
    const { aborted, reason } = options.signal
    const isLate = aborted && reason instanceof DOMException && reason.name === 'TimeoutError'
    if (isLate) throw listener.complaint() ?? error
    if (aborted || !listener.within || (error as Failure).code !== 'source-unavailable') throw error
    const { host, port } = options
    const message = `${host}:${port} closed the connection in the middle of a telegram; try again.`
    throw new Failure('source-unavailable', message, { cause: error })
  } finally {
    socket.destroy()
  }
}
