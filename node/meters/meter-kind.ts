import type { Transform } from 'node:stream'
import type { TSchema } from 'typebox'
import type { SocietyKey, SourceType } from '../../protocol/index.ts'
import type { Meter, Receipt } from '../../src/index.ts'
import type { ValueKind } from '../cli/value-kinds.ts'
import type { DeviceTls } from './device-tls.ts'
import type { Reach } from './reach.ts'
import type { Transcript } from './transcript.ts'

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
  /** Another way to devices than this machine's connections: a witness's, through a tunnel. */
  readonly reach?: Reach
  /** For devices that speak TLS; without it no maker is believed. */
  readonly tls?: DeviceTls
  /** A witness's: gets what a claimant's node hands over for a server to answer. */
  readonly pass?: () => Promise<string>
  /** What is measured in the ledgers themselves; undefined where a device is looked at alone. */
  readonly ledgers?: LedgersRead
}

/** What meters read in the ledgers that the node holds. */
export type LedgersRead = {
  /** The society whose node measures. */
  readonly self: SocietyKey
  /** Receipts of some workers in the ledgers held here, of work that ended after an instant. */
  readonly receipts: (
    workers: ReadonlySet<SocietyKey>,
    since: number,
  ) => Promise<readonly Receipt[]>
  /** Societies within this one: its citizens, theirs, and so on. */
  readonly citizens: () => ReadonlySet<SocietyKey>
}

/** How others look at a device over a stream of bytes, and what they may send to it. */
export type Witnessed = {
  /** Methods of measurements that can be looked at so. */
  readonly methods: readonly string[]
  /** The options that measure the device of a transcript again; undefined where it names none. */
  readonly again: (transcript: Transcript) => MeterGiven | undefined
  /** Whether it is reached by TLS, so that nobody between sees what is sent. */
  readonly isSealed: (transcript: Transcript) => boolean
  /**
   * What lets a witness's requests through that only read, and fails on anything else: the node
   * that brings them to its device answers for them.
   */
  readonly readsOnly: () => Transform
}

/** One way to measure: an interface of devices, and what it can prove. */
export type MeterKind = {
  readonly types: readonly SourceType[]
  /** The first is the one that asks for it. */
  readonly options: readonly [MeterOption, ...MeterOption[]]
  /** Asked for by giving none of the others. */
  readonly byDefault?: true
  /**
   * How witnesses look at its devices from other nodes. Left out where only this node can measure:
   * then it answers their nonces, and what they attest stays at level 1.
   */
  readonly witnessed?: Witnessed
  /** Measured in the ledgers that all hold: witnesses read theirs, and ask who signed. */
  readonly inLedgers?: true
  /** How `society prove` is called, as its example. */
  readonly example: string
  /** The meter that a request asks for; touches no device. Fails with `malformed`. */
  readonly open: (type: SourceType, given: MeterGiven, context: MeterContext) => Meter
}
