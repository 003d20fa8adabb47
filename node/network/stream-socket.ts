import { Socket } from 'node:net'

import type { Stream, StreamMessageEvent } from '@libp2p/interface'

import { Failure } from '../../src/index.ts'

/** What Node calls back with when something is done, or has failed. */
type Done = (error?: Error | null) => void

async function finish(work: Promise<void>, done: Done): Promise<void> {
  const failure = await work.then(
    () => null,
    (error: unknown) => error as Error,
  )
  done(failure)
}

/**
 * A libp2p stream as a socket: libraries that speak a device's protocol, and TLS, take nothing
 * else. It has back-pressure both ways, ends when both sides have, and closes with the stream.
 */
export class StreamSocket extends Socket {
  readonly #stream: Stream

  constructor(stream: Stream) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    stream.addEventListener('message', ({ data }) => this.#take(data))
    stream.addEventListener('remoteCloseWrite', () => this.push(null))
    stream.addEventListener('close', ({ error }) => {
      if (error === undefined) this.push(null)
      else this.destroy(error)
    })
  }

  #take(data: StreamMessageEvent['data']): void {
    // A copy: the data is a view into a buffer of the connection.
    const isRoom = this.push(Buffer.from(data.slice()))
    if (!isRoom && this.#stream.status === 'open') this.#stream.pause()
  }

  override _read(): void {
    if (this.#stream.status === 'open') this.#stream.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    void finish(this.#send(chunk), done)
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done)
  }

  async #send(chunk: Buffer): Promise<void> {
    if (!this.#stream.send(chunk)) await this.#stream.onDrain()
  }

  override _final(done: Done): void {
    void finish(this.#stream.close(), done)
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.#stream.status === 'open') {
      this.#stream.abort(error ?? new Failure('peer-unavailable', 'This side hung up.'))
    }
    super._destroy(error, done)
  }
}
