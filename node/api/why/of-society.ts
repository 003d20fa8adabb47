import { actorOf, didOf, type DocumentKind, type SocietyKey } from '../../../protocol/index.ts'
import type { TrustView } from '../../../src/index.ts'
import { counted } from '../../counted.ts'
import type { ApiContext } from '../context.ts'
import { no, unclear, yes, type Reason } from './reason.ts'

const kinds: readonly DocumentKind[] = ['trust', 'pool']

/** Whether one document of a society is here as far as its owner has announced. */
function inSync({ replica }: ApiContext, key: SocietyKey, kind: DocumentKind): Reason {
  const question = `${kind} in sync`
  const did = didOf(key)
  const held = replica.heads().find((each) => each.society === did && each.kind === kind)
  const head = replica.headOf(actorOf(kind, key))?.head
  if (held === undefined && head === undefined)
    return no(question, 'nothing of it has arrived here')
  const seq = held?.seq ?? 0
  if (key === replica.self) return yes(question, `it is written here: ${counted(seq, 'change')}`)
  if (head === undefined) {
    return unclear(question, `here: ${counted(seq, 'change')}; its owner has announced no head yet`)
  }
  const announced = `its owner announced ${head.seq} at ${new Date(head.time).toISOString()}`
  if (head.seq <= seq) return yes(question, `here: ${counted(seq, 'change')}; ${announced}`)
  const missing = `here: ${counted(seq, 'change')}, and ${announced}`
  const next = 'the rest comes from whoever has it, once such a node is connected'
  return no(question, `${missing}; ${next}`)
}

function membership({ replica }: ApiContext, did: string): Reason {
  const question = 'member'
  const { members, applicants } = replica.membership()
  if (members.includes(did)) return yes(question, 'a member of the federation in this node’s eyes')
  if (applicants.includes(did)) {
    return no(question, 'it has asked to join, and no member has admitted it: federation admit')
  }
  return no(question, 'it has not joined this federation; only its first changes are taken')
}

function connection({ replica, network }: ApiContext, key: SocietyKey): Reason {
  const question = 'connected'
  if (key === replica.self) return yes(question, 'this is its node')
  const peers = replica.peersOf(key)
  if (peers.length === 0) return no(question, 'it has certified no node that is known here')
  const connected = new Set(network.peers())
  const own = peers.find((peer) => connected.has(peer))
  if (own !== undefined) return yes(question, `by ${own}`)
  const failures = network
    .peerDetails()
    .filter(({ peer }) => peers.includes(peer))
    .map(({ peer, lastFailure }) => `${peer}: ${lastFailure ?? 'not dialled yet'}`)
  return no(question, failures.join('; ') || `no address of ${peers.join(', ')} is known`)
}

const percent = (value: number): string => `${Math.round(value * 1_000) / 10} %`

/** What holds trust back most, in words. */
function againstTrust({ terms }: TrustView): readonly string[] {
  const { direct, transitive, experience, anomaly, penalties } = terms
  return [
    direct.interactions === 0 ? 'this society has not dealt with it' : '',
    direct.failures > 0 ? `${direct.failures} dealings failed` : '',
    transitive.value === 0 ? 'nobody trusted here vouches for it by dealing with it' : '',
    experience.factor < 1 ? `a newcomer: ${percent(experience.factor)} is left of it` : '',
    anomaly.factor < 1 ? `detectors fired: ${percent(anomaly.factor)} is left of it` : '',
    ...penalties.items.map(({ reason, factor }) => `${reason}: ${percent(factor)} is left of it`),
  ].filter((words) => words !== '')
}

function trusted({ replica }: ApiContext, key: SocietyKey): Reason {
  const view = replica.trust(key)
  const because = [`trust ${view.trust}`, ...againstTrust(view)].join('; ')
  const own = key === replica.self
  if (own) return yes('trusted', 'it is this society itself')
  return (view.trust > 0.5 ? yes : no)('trusted', because, view.records)
}

async function backed({ replica }: ApiContext, key: SocietyKey): Promise<Reason> {
  const { verdict, claimed, proven, problems } = await replica.backing(key)
  const question = 'ATP may be taken'
  const sums = `${proven} of ${claimed} ATP proven`
  if (claimed === 0) return unclear(question, 'it holds none')
  if (verdict === 'backed') return yes(question, sums)
  const words = problems.map(({ message, amount }) => `${amount} ATP: ${message}`)
  const records = problems.flatMap(({ record }) => record ?? [])
  return no(question, [sums, ...words].join('; '), records)
}

function honest({ replica }: ApiContext, key: SocietyKey): Reason {
  const { standing, forged, flags } = replica.society(key)
  if (standing === 'equivocated') {
    return no('honest', `it has signed two pasts; ${forged ?? 0} ATP of it are forged`)
  }
  const found = flags.filter(({ severity }) => severity > 0)
  if (found.length === 0) return yes('honest', 'nothing speaks against it')
  const words = found.map(({ name, severity }) => `${name} ${severity}`)
  const records = found.flatMap(({ evidence }) => evidence)
  return unclear('honest', `detectors found: ${words.join(', ')}`, records)
}

/** What there is to ask about a society. */
export async function whySociety(context: ApiContext, key: SocietyKey): Promise<readonly Reason[]> {
  return [
    membership(context, didOf(key)),
    connection(context, key),
    ...kinds.map((kind) => inSync(context, key, kind)),
    honest(context, key),
    trusted(context, key),
    await backed(context, key),
  ]
}
