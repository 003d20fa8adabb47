import { standingMessage, type Recorded, type SocietyKey } from '../../protocol/index.ts'
import { given } from '../answer.ts'
import { Failure } from '../failure.ts'
import type { Signer } from '../ports.ts'
import type { Disowned } from '../work/disowned.ts'
import { encodeStanding, type WitnessQuestion } from './messages.ts'

/** What answering for receipts asks of the node. */
export type CounterpartyParts = {
  readonly signer: Signer
  readonly disowned: Pick<Disowned, 'standsBy'>
}

type StandQuestion = Extract<WitnessQuestion, { type: 'stand' }>

/**
 * Answers a witness whether this society stands by receipts of a proof's author, each with 1 or 0,
 * and signs that. Fails with `not-authorised` where the author itself asks, `unknown-reference` for
 * a receipt that is not held here.
 */
export async function answerForReceipts(
  { signer, disowned }: CounterpartyParts,
  asker: SocietyKey,
  proof: Recorded,
  { nonce, receipts }: StandQuestion,
): Promise<Uint8Array> {
  if (proof.author === asker) {
    throw new Failure('not-authorised', 'who worked does not ask, but those who witness it')
  }
  const said = await Promise.all(
    receipts.map(async (receipt) => {
      return { receipt, stands: await disowned.standsBy(receipt, proof.author) }
    }),
  )
  const signature = signer.sign(standingMessage(proof.id, nonce, said))
  return given(
    encodeStanding(
      said.map(({ stands }) => stands),
      signature,
    ),
  )
}
