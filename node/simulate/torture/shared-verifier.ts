import type { Verifier } from '../../../src/index.ts'

/**
 * A verifier for all nodes of a simulated world: each signature is really checked, but once. What
 * every node of a real network does for itself would else be most of a simulation's work.
 */
export function sharedVerifier(verifier: Verifier): Verifier {
  const known: Map<string, boolean> = new Map()
  return {
    verify(signature, message, publicKey) {
      const name = Buffer.concat([signature, publicKey, message]).toString('latin1')
      const before = known.get(name)
      if (before !== undefined) return before
      const fits = verifier.verify(signature, message, publicKey)
      known.set(name, fits)
      return fits
    },
  }
}
