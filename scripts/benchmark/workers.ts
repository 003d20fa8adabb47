import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { compiledFolder } from '../../node/cli/compile-cache.ts'
import { Failure } from '../../src/index.ts'

/** Longest time for a process to prepare, and for one of its rounds, in ms. */
const stepMsMax = 900_000
/** Longest time for a process to end by itself, in ms. */
const endMsMax = 10_000

/** The next message of a process; fails where it ends instead, or is silent for `msMax`. */
export async function nextMessage<T>(from: ChildProcess, msMax: number = stepMsMax): Promise<T> {
  const heard = new AbortController()
  const options = { signal: AbortSignal.any([heard.signal, AbortSignal.timeout(msMax)]) }
  const gone = once(from, 'exit', options).then((): never => {
    throw new Failure('peer-unavailable', 'a process of the benchmark ended')
  })
  gone.catch(() => {})
  try {
    const [message] = (await Promise.race([once(from, 'message', options), gone])) as [T]
    return message
  } finally {
    heard.abort()
  }
}

/**
 * A process that answers each question with one message. It starts with what Node compiled the last
 * time, ours and others' alike, as a node does that is started by its command.
 */
export class AskedProcess {
  readonly #process: ChildProcess

  /** Starts a program of this folder with JSON as its argument. */
  constructor(program: URL, options: unknown) {
    const compiled = compiledFolder()
    this.#process = fork(program, [JSON.stringify(options)], {
      env: { ...process.env, ...(compiled && { NODE_COMPILE_CACHE: compiled }) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }

  /** The next message; fails where the process ends instead. */
  async next<T>(msMax: number = stepMsMax): Promise<T> {
    return nextMessage<T>(this.#process, msMax)
  }

  /** Asks and waits for the answer. */
  async ask<T>(question: unknown): Promise<T> {
    const answer = this.next<T>()
    this.#process.send(question as object)
    return answer
  }

  /** Ends the process by the closing of its channel, and waits for it. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    if (this.#process.connected) this.#process.disconnect()
    const patience = setTimeout(() => this.#process.kill('SIGKILL'), endMsMax)
    await gone
    clearTimeout(patience)
  }
}

/** Answers each question of the program that started this one; `close` is called at the end. */
export function answerEach(
  answer: (question: unknown) => Promise<unknown>,
  close: () => Promise<void>,
): void {
  process.on('message', (question: unknown) => {
    void answer(question).then((message) => process.send?.(message as object))
  })
  process.once('disconnect', () => void close().finally(() => process.exit()))
}
