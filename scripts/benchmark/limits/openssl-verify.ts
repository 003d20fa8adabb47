import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { timed } from '../stopwatch.ts'
import { serveRounds } from '../rounds.ts'

/** Bytes of what is signed for a change: a prefix and its hash. */
const messageBytes = 48

/** Checks signatures with OpenSSL on one core, as fast as it goes. */
serveRounds(async ({ count }) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signed = Array.from({ length: Number(count) }, () => {
    const message = randomBytes(messageBytes)
    return { message, signature: sign(null, message, privateKey) }
  })
  return {
    async round() {
      return timed(signed.length, () => {
        for (const { message, signature } of signed) {
          if (!verify(null, message, publicKey, signature)) throw new TypeError('refused')
        }
      })
    },
    close: async () => {},
  }
})
