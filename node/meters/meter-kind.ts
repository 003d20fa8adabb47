import type { TSchema } from 'typebox'
import type { SourceType } from '../../protocol/index.ts'
import type { Meter } from '../../src/index.ts'
import type { ValueKind } from '../cli/value-kinds.ts'

/** An option of a way to measure: a member of the API's body, and a flag of `society prove`. */
export type MeterOption = {
  /** Name in the API; its flag is the same with dashes. */
  readonly name: string
  /** What stands for the value in help; a switch without it. */
  readonly value?: string
  readonly form?: ValueKind
  readonly summary: string
  readonly schema: TSchema
  /**
   * A secret: `society prove` takes the name of a file that holds it, by `--<name>-file`, for a
   * command line is seen by everyone on the machine.
   */
  readonly secret?: true
}

/** What a request for a measurement gives, checked against the schemas of its options. */
export type MeterGiven = Readonly<Record<string, unknown>>

/** What meters need of the node besides what a request gives. */
export type MeterContext = {
  /** Wall clock in ms since 1970. */
  readonly now: () => number
}

/** One way to measure: an interface of devices, and what it can prove. */
export type MeterKind = {
  readonly types: readonly SourceType[]
  /** The first is the one that asks for it. */
  readonly options: readonly [MeterOption, ...MeterOption[]]
  /** Asked for by giving none of the others. */
  readonly byDefault?: true
  /** How `society prove` is called, as its example. */
  readonly example: string
  /** The meter that a request asks for; touches no device. Fails with `malformed`. */
  readonly open: (type: SourceType, given: MeterGiven, context: MeterContext) => Meter
}
