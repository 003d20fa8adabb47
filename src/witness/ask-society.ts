import type { SocietyKey } from '../../protocol/index.ts'
import { readAnswer } from '../answer.ts'
import { Failure } from '../failure.ts'
import { witnessAttemptPauseMs, witnessAttemptsMax } from '../limits.ts'
import type { Clock, Network, PeerName } from '../ports.ts'
import { protocols } from '../protocols.ts'
import { encodeWitnessQuestion, type WitnessQuestion } from './messages.ts'

/** What asking a society's nodes takes. */
export type AskSocietyParts = {
  readonly network: Pick<Network, 'request'>
  readonly clock: Clock
  readonly peersOf: (society: SocietyKey) => readonly PeerName[]
  /** Whether whoever asks wants no answer any more. */
  readonly isStopped?: () => boolean
}

/**
 * Asks a society's certified nodes, again and again where they do not know the proof yet: what is
 * given, or why it was refused last. Never throws for what others do.
 */
export async function askSociety(
  { network, clock, peersOf, isStopped = () => false }: AskSocietyParts,
  society: SocietyKey,
  question: WitnessQuestion,
): Promise<Uint8Array | Failure> {
  const body = encodeWitnessQuestion(question)
  let last = new Failure('peer-unavailable', 'no node of that society is known here')
  for (let attempt = 0; attempt < witnessAttemptsMax && !isStopped(); attempt++) {
    for (const peer of peersOf(society)) {
      try {
        const answer = readAnswer(await network.request(peer, protocols.measure, body), 'it')
        if (answer instanceof Uint8Array) return answer
        last = answer
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        last = error
      }
    }
    // Only what may still arrive is worth waiting for.
    if (last.code !== 'unknown-reference') break
    await new Promise<void>((resolve) => clock.after(witnessAttemptPauseMs, resolve))
  }
  return last
}
