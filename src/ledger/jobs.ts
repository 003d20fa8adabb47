import type { ChangesFrame } from '../../protocol/index.ts'
import type { Failure } from '../failure.ts'
import {
  judgeMeanwhileMin,
  pipelineBatchMax,
  pipelineFrameBytes,
  pipelineFramesMax,
} from '../limits.ts'
import type { PeerName } from '../ports.ts'
import type { PeekedFrame, Verdict } from './admission.ts'
import type { Draft } from './authoring.ts'

/** A frame of another node that waits to be judged. */
export type FrameJob = {
  readonly frame: ChangesFrame
  /** Of its changes. */
  readonly bytes: number
  readonly from: PeerName | null
  /** Called where all of it is accepted, before it is written. */
  readonly passed?: (() => void) | undefined
  readonly resolve: (verdict: Verdict) => void
}
/** Something that may not run while others are judged. */
export type Task = {
  readonly run: () => Promise<void>
  readonly done: (failure: Failure | undefined) => void
}
/** What shares a write with others. */
export type BatchJob = { readonly incoming: FrameJob } | { readonly draft: Draft }
/** Jobs of one write. */
export type Taken = {
  readonly jobs: readonly BatchJob[]
  /** Their frames, in order. */
  readonly frames: readonly PeekedFrame[]
  /** Resolves, always, when the signatures that could be checked aside have been. */
  readonly checked: Promise<void>
}
/** Whatever waits for its turn. */
export type Job = BatchJob | { readonly task: Task }

/** How many of the jobs that wait share the next write: up to a task, with so much in frames. */
export function batchLength(jobs: Iterable<Job>): number {
  let frames = 0
  let bytes = 0
  let length = 0
  for (const job of jobs) {
    if ('task' in job || length === pipelineBatchMax) break
    if ('incoming' in job) {
      if (frames === pipelineFramesMax || bytes >= pipelineFrameBytes) break
      frames += 1
      bytes += job.incoming.bytes
    }
    length += 1
  }
  return length
}

/** How many frames wait before anything else does, as far as one write takes them. */
export function leadingFrames(jobs: Iterable<Job>): number {
  function* leading(): Generator<Job> {
    for (const job of jobs) {
      if (!('incoming' in job)) return
      yield job
    }
  }
  return batchLength(leading())
}

/**
 * Whether so much waits in frames, before anything else, that judging it while others are written
 * gains more than having it share a write with what comes meanwhile.
 */
export function isWorthJudging(jobs: Iterable<Job>): boolean {
  let changes = 0
  for (const job of jobs) {
    if (!('incoming' in job)) return false
    changes += job.incoming.frame.changes.length
    if (changes >= judgeMeanwhileMin) return true
  }
  return false
}
