import { parentPort } from 'node:worker_threads'
import { verifierKeysMax } from './limits.ts'
import { OpenSslKeys } from './openssl-keys.ts'
import { unpackChecks } from './signature-checks.ts'

const keys = new OpenSslKeys(verifierKeysMax)

// One byte for each check: 1 where OpenSSL takes the signature.
parentPort?.on('message', (packed: Uint8Array) => {
  const answers = Uint8Array.from(unpackChecks(packed), (check) => (keys.verify(check) ? 1 : 0))
  parentPort?.postMessage(answers, [answers.buffer])
})
parentPort?.postMessage(new Uint8Array())
