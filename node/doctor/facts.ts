import type { Checkpoints, Clock, Peers, Sources, Status, Vitals } from '../client/index.ts'
import type { Config } from '../config/config.ts'
import type { BackupsNoted } from '../backup/noted.ts'
import type { LockView } from '../store/directory-lock.ts'
import type { Fact } from './fact.ts'

/** A file or folder: its permission bits, whose it is, and when it was written. */
export type Place = {
  readonly mode: number
  /** Whether it belongs to the user who looks. */
  readonly isOwn: boolean
  /** Milliseconds since 1970. */
  readonly writtenAt: number
}

/** What is there of a node's directory, whether its node runs or not. */
export type DirectoryFacts = {
  readonly path: string
  /** Missing where nothing is there, or nothing of a node. */
  readonly directory: Fact<Place>
  readonly config: Fact<Config>
  readonly key: Fact<{ readonly did: string; readonly isEncrypted: boolean }>
  readonly keyFile: Fact<Place>
  readonly nodeKeyFile: Fact<Place>
  readonly tokenFile: Fact<Place>
  readonly readTokenFile: Fact<Place>
  readonly token: Fact<string>
  readonly store: Fact<boolean>
  readonly lock: Fact<LockView>
  readonly backups: Fact<BackupsNoted>
  /** Certificates of devices that the configuration names: file and last day, ms since 1970. */
  readonly certificates: Fact<readonly { readonly file: string; readonly until: number }[]>
  /** The newest time that a file of the directory was written, ms since 1970. */
  readonly newestFile: Fact<number>
}

/** What is there of the machine. */
export type MachineFacts = {
  readonly nodeVersion: string
  readonly freeDiskBytes: Fact<number>
  /** How long it takes to write a small file durably beside the store, in ms. */
  readonly syncMs: Fact<number>
  readonly freeMemoryBytes: Fact<number>
  readonly openFilesMax: Fact<number>
  /** Ports that `config.yaml` names and that something else listens on, and what, in words. */
  readonly portsTaken: Fact<readonly string[]>
  /** Offset by time servers that the operator named, in ms; null where none are named. */
  readonly serversOffsetMs: Fact<number | null>
}

/** What the running node says. */
export type NodeFacts = {
  readonly status: Status
  readonly peers: readonly Peers[]
  readonly sources: readonly Sources[]
  readonly clock: Clock
  readonly vitals: Vitals
  readonly checkpoints: Checkpoints
}

/** Everything that checks look at. */
export type Facts = {
  /** When it was gathered by the node's clock, ms since 1970. */
  readonly now: number
  /** The same by the machine's, which files and certificates go by. */
  readonly machineNow: number
  /** Version of the program that looks. */
  readonly version: string
  readonly directory: DirectoryFacts
  readonly machine: MachineFacts
  /** Missing where no node answers, with the step at which that failed. */
  readonly node: Fact<NodeFacts>
}
