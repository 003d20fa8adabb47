/** A thread that plays the seeds it is sent and answers what became of each. */
import { parentPort } from 'node:worker_threads'
import { createVerifier } from '../../keys/zip215-verifier.ts'
import { planOf } from './plan.ts'
import { runPlan } from './run.ts'
import { sharedVerifier } from './shared-verifier.ts'

const port = parentPort
if (port === null) throw new TypeError('this file is a worker thread')

port.on('message', ({ seed, hours }: { readonly seed: number; readonly hours: number }) => {
  void runPlan(planOf(seed, hours), sharedVerifier(createVerifier())).then((outcome) =>
    port.postMessage(outcome),
  )
})
