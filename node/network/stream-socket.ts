import { Socket } from 'node:net'

import type { Stream, StreamMessageEvent } from '@libp2p/interface'

import { Failure } from '../../src/index.ts'

/** What Node calls back with when something is done, or has failed. */
type Done = (error?: Error | null) => void

/** What is written; sockets are handed texts as they are. */
type Chunk = { readonly chunk: Buffer | string; readonly encoding: BufferEncoding }

const bytesOf = ({ chunk, encoding }: Chunk): Buffer =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk

/** Calls back when something is done, with the error where it fails. */
async function tell(work: Promise<void>, done: Done): Promise<void> {
  let failure: Error | null = null
  try {
    await work
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
  }
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
    this.once('close', () => {
      if (stream.status !== 'open') return
      stream.abort(new Failure('peer-unavailable', 'This side hung up.'))
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

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    void tell(this.#send(bytesOf({ chunk, encoding })), done)
  }

  override _writev(chunks: Chunk[], done: Done): void {
    void tell(this.#send(Buffer.concat(chunks.map(bytesOf))), done)
  }

  async #send(chunk: Buffer): Promise<void> {
    if (!this.#stream.send(chunk)) await this.#stream.onDrain()
  }

  override _final(done: Done): void {
    void tell(this.#stream.close(), done)
  }
}
