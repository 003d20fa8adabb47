import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { Failure } from '../../../src/index.ts'
import type { Message } from './broker.ts'
import { payloadBytesMax, topicLengthMax } from './limits.ts'

/** What a topic tells: a number, a text, or that the device does not have it now. */
export type Told = number | string | null

/** Values of one device by their D-Bus path, such as `Ac/Power`. */
export type DeviceValues = ReadonlyMap<string, Told>

/** A device of a GX device: its service, the number of its instance, and its values. */
export type VictronDevice = {
  readonly service: string
  readonly instance: number
  readonly values: DeviceValues
}

const payloadSchema = Type.Object({
  value: Type.Union([Type.Number(), Type.String(), Type.Null()]),
})

/** A message's payload as text. Throws `source-nonsense` for what is no text or too long. */
export function payloadText({ topic, payload }: Message): string {
  const place = `"${topic.slice(0, topicLengthMax)}"`
  if (payload.length > payloadBytesMax) {
    throw new Failure(
      'source-nonsense',
      `The broker sends ${payload.length} bytes for ${place}; check that it is a GX device.`,
    )
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload)
  } catch (cause) {
    const message = `What the broker sends for ${place} is no text; check that it is a GX device.`
    throw new Failure('source-nonsense', message, { cause })
  }
}

/**
 * The value in a payload; undefined for an empty one, by which a GX device says that a device is
 * gone. Throws `source-nonsense` for what is no value.
 */
export function readValue(topic: string, text: string): Told | undefined {
  if (text === '') return undefined
  try {
    const told: unknown = JSON.parse(text)
    if (Value.Check(payloadSchema, told)) return told.value
  } catch {
    // What is no JSON is no value either.
  }
  throw new Failure(
    'source-nonsense',
    `What the broker sends for "${topic.slice(0, topicLengthMax)}" is no value of a GX device; ` +
      'update its firmware.',
  )
}

/** A number that a device tells, or null. Throws `source-nonsense` for a text. */
export function numberAt({ values }: VictronDevice, path: string): number | null {
  const told = values.get(path) ?? null
  if (typeof told !== 'string') return told
  throw new Failure(
    'source-nonsense',
    `The device tells "${told.slice(0, 64)}" for ${path}, which is no number; update its firmware.`,
  )
}

/** A text that a device tells; empty where it tells none. */
export function textAt({ values }: VictronDevice, path: string): string {
  return String(values.get(path) ?? '').trim()
}
