import { createHash } from 'node:crypto'
import {
  datedAheadMsMax,
  decodeBackingFile,
  didOf,
  isTestFederation,
  type BackingFile,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure, replayBacking, type BackingView } from '../../src/index.ts'
import type { ReplayedBacking } from '../../src/index.ts'
import { createVerifier } from '../keys/zip215-verifier.ts'
import { physics } from '../plausibility/physics.ts'
import { openBackingFile } from './backing-file.ts'
import { silentLog } from '../silent-log.ts'

/** What an answer is asked to fit besides its file. */
export type VerifyOptions = {
  /** This machine's time, ms since 1970. */
  readonly now: number
  /** Only an answer of this federation. */
  readonly federation?: string | undefined
  /** Only whom this society admitted, directly or not, counts as a member. */
  readonly from?: SocietyKey | undefined
  /** Oldest age, in ms, that is taken. */
  readonly ageMsMax?: number | undefined
}

/** An answer that follows from a file alone, and how far the file can be believed. */
export type VerifiedBacking = BackingView & {
  readonly file: {
    /** SHA-256 of the content: what two files of one answer have in common. */
    readonly digest: string
    readonly bytes: number
    /** Up to when everybody on whose word it rests was heard of, and how long ago that is. */
    readonly asOf: string
    readonly ageMs: number
    readonly heard: ReplayedBacking['heard']
    /** ATP of the answer that has not expired by this machine's clock. */
    readonly aliveNow: number
    readonly testFederation: boolean
    /** Society by whose admissions members are told. */
    readonly membersFrom: string
    /** What no file can tell. */
    readonly unknowable: readonly string[]
  }
}

/** What whoever wrote the file may have left out without a trace. */
function unknowableOf(asOf: string, membersFrom: string, isTest: boolean): readonly string[] {
  return [
    `whatever was signed after ${asOf}: ATP spent or handed on, sources retired or measured anew`,
    'what the file leaves out: other claims of a source, witnesses against it, two pasts signed',
    `whether you know ${membersFrom}, by whose admissions members and witnesses are told`,
    ...(isTest
      ? ['whether there is any energy: in a test federation devices may be simulated']
      : []),
  ]
}

function readContent(content: Uint8Array): BackingFile {
  const file = decodeBackingFile(content)
  if (file.ok) return file.value
  throw new Failure('malformed', `the file is not in its form: ${file.message}`)
}

function check(file: BackingFile, { now, federation }: VerifyOptions): void {
  if (file.at > now + datedAheadMsMax) {
    const at = new Date(file.at).toISOString()
    throw new Failure('clock-backwards', `the file is of ${at}, which is later than it is here`)
  }
  if (federation !== undefined && federation !== file.federation) {
    const message = `the file is of federation '${file.federation}', not of '${federation}'`
    throw new Failure('unknown-society', message)
  }
}

/**
 * Finds the answer of a file again, trusting nothing but signatures: no node, no network. Fails
 * with a `Failure` where anything in the file is not what it should be.
 */
export async function verifyBackingFile(
  bytes: Uint8Array,
  options: VerifyOptions,
): Promise<VerifiedBacking> {
  const content = await openBackingFile(bytes)
  const file = readContent(content)
  check(file, options)
  const { now, from, ageMsMax } = options
  const parts = { verifier: createVerifier(), log: silentLog, plausibility: physics, from }
  const { view, asOf, heard, aliveAt } = await replayBacking(file, parts)
  const ageMs = Math.max(0, now - Date.parse(asOf))
  if (ageMsMax !== undefined && ageMs > ageMsMax) {
    throw new Failure('expired', `the file tells how it was at ${asOf}, which is too long ago`)
  }
  const membersFrom = didOf(from ?? file.viewer)
  const testFederation = isTestFederation(file.federation)
  return {
    ...view,
    file: {
      digest: createHash('sha256').update(content).digest('hex'),
      bytes: bytes.length,
      asOf,
      ageMs,
      heard,
      aliveNow: aliveAt(now),
      testFederation,
      membersFrom,
      unknowable: unknowableOf(asOf, membersFrom, testFederation),
    },
  }
}
