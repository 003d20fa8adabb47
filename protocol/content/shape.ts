import { timeMsMax } from '../change/codec.ts'
import { parseSourceId } from '../energy/source-id.ts'
import { integerMax } from '../limits.ts'

/** Whether a value, read from JSON, has a form. Pure; never throws. */
export type Shape = (value: unknown) => boolean

/** Shapes of all fields of a type: none is forgotten, and none made up. */
export type ShapesOf<T> = { readonly [K in keyof T]-?: Shape }

/** Exactly these fields. */
export function record<T>(shapes: ShapesOf<T>): Shape {
  const list = Object.entries(shapes) as [string, Shape][]
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    if (value instanceof Map || Object.keys(value).length !== list.length) return false
    const fields = value as Readonly<Record<string, unknown>>
    return list.every(([name, shape]) => Object.hasOwn(fields, name) && shape(fields[name]))
  }
}

/** An object with keys of one form and values of another. */
export function dictionary(key: Shape, entry: Shape): Shape {
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    Object.entries(value).every(([name, each]) => key(name) && entry(each))
}

/** A map with keys of one form and values of another. */
export function mapOf(key: Shape, entry: Shape): Shape {
  return (value) =>
    value instanceof Map &&
    [...(value as Map<unknown, unknown>)].every(([name, each]) => key(name) && entry(each))
}

/** A list of values of a form, at most so many. */
export function listOf(shape: Shape, most: number = Infinity): Shape {
  return (value) => Array.isArray(value) && value.length <= most && value.every(shape)
}

/** An integer within limits, these included. */
export function between(least: number, most: number): Shape {
  return (value) => Number.isInteger(value) && least <= Number(value) && Number(value) <= most
}

/** A value of a form, or null. */
export function orNull(shape: Shape): Shape {
  return (value) => value === null || shape(value)
}

/** One of some texts. */
export function oneOf(...texts: readonly string[]): Shape {
  const known: ReadonlySet<unknown> = new Set(texts)
  return (value) => known.has(value)
}

const matching =
  (pattern: RegExp): Shape =>
  (value) =>
    typeof value === 'string' && pattern.test(value)

/** Any text. */
export const text: Shape = (value) => typeof value === 'string'
/** A truth value. */
export const flag: Shape = (value) => typeof value === 'boolean'
/** An instant, in ms since 1970, that can be shown. */
export const instant: Shape = between(0, timeMsMax)
/** An amount or a number of things: an integer from 0 on that a record may say. */
export const whole: Shape = between(0, integerMax)
/** The same of what is handed over: something. */
export const some: Shape = between(1, integerMax)
/** A sum of such, which need not be exact: an integer from 0 on. */
export const sum: Shape = (value) => Number.isInteger(value) && (value as number) >= 0
/** The id of a source. */
export const sourceId: Shape = (value) =>
  typeof value === 'string' && !('code' in parseSourceId(value))
/** A key, the hash of a change, or a digest. */
export const hash: Shape = matching(/^[0-9a-f]{64}$/)
/** A signature, in hex. */
export const signature: Shape = matching(/^[0-9a-f]{128}$/)
/** The actor of a document. */
export const actor: Shape = matching(/^[0-9a-f]{64}0[01]$/)
/** The id of a record. */
export const id: Shape = matching(/^[0-9a-f]{64}:(0|[1-9][0-9]{0,4})$/)
/** The key of a lot. */
export const lotKey: Shape = matching(/^[0-9a-f]{64}:(0|[1-9][0-9]{0,4})\/(0|[1-9][0-9]{0,4})$/)
