import type { PeerDetails } from '../../network/connections.ts'
import type { ApiContext } from '../context.ts'
import { no, unclear, yes, type Reason } from './reason.ts'
import { whySociety } from './of-society.ts'

/** Points at which a peer is cut off. */
const cutOffPoints = 100

function connection({ direction, since, lastFailure, addresses }: PeerDetails): Reason {
  if (direction === 'none') {
    return no('connected', lastFailure ?? 'it was not dialled yet: no address of it is known')
  }
  const from = since === null ? '' : ` since ${new Date(since).toISOString()}`
  return yes('connected', `${direction}${from}, at ${addresses.join(', ')}`)
}

function behaviour({ points }: PeerDetails): Reason {
  if (points === 0) return yes('keeps to the rules', 'no fault is held against it')
  const told = `${points} points for faults; at ${cutOffPoints} it is cut off, and they fade`
  return points < cutOffPoints
    ? unclear('keeps to the rules', told)
    : no('keeps to the rules', told)
}

/** What there is to ask about another node, and about the society whose it is. */
export async function whyPeer(context: ApiContext, peer: PeerDetails): Promise<readonly Reason[]> {
  const { replica } = context
  const own = [connection(peer), behaviour(peer)]
  const society = replica.membership().societyOfPeer.get(peer.peer)
  if (society === undefined) {
    return [...own, no('known whose', 'no society that is known here has certified it')]
  }
  const key = replica.find(society)
  const of = await whySociety(context, key)
  const rest = of.filter(({ question }) => question !== 'connected')
  return [...own, yes('known whose', replica.society(key).name), ...rest]
}
