import { Failure } from '../../../src/index.ts'
import type { Broker, Message } from './broker.ts'
import { keepaliveAgainMs, topicLengthMax } from './limits.ts'
import { payloadText, readValue, type Told, type VictronDevice } from './values.ts'

/**
 * How a GX device tells its values over MQTT: nobody hears any until a keep-alive names its portal
 * id, and after one it publishes all of them and then `full_publish_completed`. Only its own serial
 * number, the portal id, is retained. Source: github.com/victronenergy/dbus-flashmq.
 */

/** One thing that was sent or came, in its order. */
export type Exchange =
  | { readonly subscribe: readonly string[] }
  | { readonly publish: string; readonly payload: string }
  | { readonly topic: string; readonly payload: string; readonly retained?: true }

const portalPattern = /^N\/([0-9A-Za-z]{1,32})\//
const instancePattern = /^(0|[1-9][0-9]{0,5})$/

type Listener = (message: Message) => void

/** The side of a GX device that measures; hand it every message of the broker. */
export class GxDevice {
  readonly exchanges: Exchange[] = []
  readonly #values: Map<string, Map<string, Told>> = new Map()
  #listener: Listener = () => {}
  #fail: (error: unknown) => void = () => {}

  /** Hears a message. */
  hear(message: Message): void {
    try {
      this.#listener(message)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** What comes of messages, or undefined when the time is over. */
  async #listen<T>(
    broker: Broker,
    waitMs: number,
    listen: (message: Message, done: (result: T) => void) => void,
    begin: () => Promise<void>,
  ): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined
    const heard = new Promise<T | undefined>((resolve, reject) => {
      this.#fail = reject
      this.#listener = (message) => listen(message, resolve)
      timer = setTimeout(() => resolve(undefined), waitMs)
    })
    heard.catch(() => undefined)
    try {
      await begin()
      return await broker.whileOpen(heard)
    } finally {
      clearTimeout(timer)
      this.#listener = () => {}
    }
  }

  #record({ topic, isRetained }: Message, payload: string): void {
    const name = topic.slice(0, topicLengthMax)
    this.exchanges.push({ topic: name, payload, ...(isRetained ? { retained: true } : {}) })
  }

  async #subscribe(broker: Broker, topics: readonly string[]): Promise<void> {
    this.exchanges.push({ subscribe: topics })
    await broker.subscribe(topics)
  }

  async #keepAlive(broker: Broker, portal: string): Promise<void> {
    const topic = `R/${portal}/keepalive`
    this.exchanges.push({ publish: topic, payload: '' })
    await broker.publish(topic, '')
  }

  /** The portal id, by the first topic that names one. Throws `source-unavailable` without any. */
  async findPortal(broker: Broker, waitMs: number): Promise<string> {
    const everything = ['N/#']
    const portal = await this.#listen<string>(
      broker,
      waitMs,
      (message, done) => {
        const [, found] = portalPattern.exec(message.topic) ?? []
        if (found === undefined) return
        this.#listener = () => {}
        this.#record(message, payloadText(message))
        done(found)
      },
      () => this.#subscribe(broker, everything),
    )
    if (portal === undefined) {
      throw new Failure(
        'source-unavailable',
        'The broker tells no portal id of a GX device; check that it is one, with Venus OS 3.20 ' +
          'or newer, and that MQTT on LAN is on.',
      )
    }
    await broker.unsubscribe(everything)
    return portal
  }

  #take(message: Message, portal: string): void {
    // What a broker kept from some time ago is no measurement.
    if (message.isRetained || !message.topic.startsWith(`N/${portal}/`)) return
    const payload = payloadText(message)
    this.#record(message, payload)
    const [service = '', instance = '', ...path] = message.topic.split('/').slice(2)
    if (!instancePattern.test(instance)) return
    const place = `${service}/${instance}`
    const values = this.#values.get(place) ?? new Map<string, Told>()
    this.#values.set(place, values)
    const value = readValue(message.topic, payload)
    if (value === undefined) values.delete(path.join('/'))
    else values.set(path.join('/'), value)
  }

  /** Asks for some values of every device of some services, and gives what there is. */
  async readDevices(
    broker: Broker,
    portal: string,
    paths: Readonly<Record<string, readonly string[]>>,
    waitMs: number,
  ): Promise<readonly VictronDevice[]> {
    const completed = `N/${portal}/full_publish_completed`
    const values = Object.entries(paths).flatMap(([service, ends]) =>
      ends.map((end) => `N/${portal}/${service}/+/${end}`),
    )
    await this.#subscribe(broker, [...values, completed])
    const again = setInterval(() => {
      this.#keepAlive(broker, portal).catch(() => undefined)
    }, keepaliveAgainMs)
    try {
      await this.#listen<true>(
        broker,
        waitMs,
        (message, done) => {
          this.#take(message, portal)
          if (message.topic === completed && !message.isRetained) done(true)
        },
        () => this.#keepAlive(broker, portal),
      )
    } finally {
      clearInterval(again)
    }
    return this.#devices()
  }

  /** Every device that tells something, by service and instance. */
  #devices(): readonly VictronDevice[] {
    return [...this.#values]
      .filter(([, values]) => values.size > 0)
      .map(([place, values]) => {
        const [service = '', instance = ''] = place.split('/')
        return { service, instance: Number(instance), values }
      })
      .toSorted((one, other) => one.instance - other.instance)
  }
}
