import { parentPort } from 'node:worker_threads'
import { buildDocument, readDocument } from '../../src/index.ts'

/** A job for the thread that builds documents. */
export type DocumentsJob = {
  readonly id: number
  readonly what: 'build' | 'read'
  readonly changes: readonly Uint8Array[]
}

/** What became of a job. */
export type DocumentsAnswer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }

parentPort?.on('message', (job: DocumentsJob) => {
  const { id, what, changes } = job
  let answer: DocumentsAnswer
  try {
    const result = what === 'build' ? buildDocument(changes) : readDocument(changes)
    answer = { id, ok: true, result }
  } catch (error) {
    answer = { id, ok: false, message: error instanceof Error ? error.message : String(error) }
  }
  parentPort?.postMessage(answer)
})
