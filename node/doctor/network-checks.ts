import { isIP } from 'node:net'
import { counted } from '../counted.ts'
import type { Config } from '../config/config.ts'
import { given, ill, illIfAny, unknown, well, wellIf, type Check, type Found } from './check.ts'
import type { NodeFacts } from './facts.ts'
import { clockOffsetMsMax, latencyMsMax, lagMsMax, outboundMin, pointsMax } from './limits.ts'

const connected = ({ peers }: NodeFacts): NodeFacts['peers'] =>
  peers.filter(({ direction }) => direction !== 'none')
const outbound = (facts: NodeFacts): NodeFacts['peers'] =>
  connected(facts).filter(({ direction }) => direction === 'outbound')

const localAddress =
  /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe80|::1$)/i

/** The network that an address is in, as far as one operator may hold all of it. */
function networkOf(address: string): string | undefined {
  const host = address.split('/')[2] ?? ''
  if (isIP(host) === 0 || localAddress.test(host)) return undefined
  return isIP(host) === 4 ? host.split('.', 2).join('.') : host.split(':', 2).join(':')
}

/** Whether others, told an address once, find nobody there after a restart, nor by mDNS. */
const changesPort = ({ network: { listen, announce, mdns } }: Config): boolean =>
  !mdns && announce.length === 0 && listen.every((address) => /\/tcp\/0(\/|$)/.test(address))

/** Peers of which none has shown a society of this federation: at first nobody has. */
function whoseUnknown(count: number, { vitals: { uptimeMs } }: NodeFacts): Found {
  const cause = `${counted(count, 'node')} connected, and none of a society of this federation`
  return uptimeMs > lagMsMax ? ill(cause) : unknown(cause)
}

/** Other nodes, and what is had of them. */
export const networkChecks: readonly Check[] = [
  {
    code: 'peers',
    asks: 'Is any other node connected?',
    mend:
      'Name a node that is up in network.bootstrap, of the federation that config.yaml has; ' +
      'society peers shows why dials failed.',
    look: ({ node, directory: { config } }) =>
      given(node, (facts) => {
        const count = connected(facts).length
        const strangers = connected(facts).filter(({ society }) => society === null)
        if (count > strangers.length) return well(`${count} connected`)
        if (count > 0) return whoseUnknown(count, facts)
        const isTold = 'value' in config && config.value.network.bootstrap.length > 0
        if (facts.vitals.members.length > 0 || isTold) return ill('none is')
        return unknown('none is, and none is known')
      }),
  },
  {
    code: 'members',
    asks: 'Are most members of the federation reached?',
    mend: 'See in society peers why those are not; what they write does not arrive here.',
    look: ({ node }) =>
      given(node, ({ vitals: { members } }) => {
        const away = members.filter((member) => !member.connected).map(({ name }) => name)
        const reached = `${members.length - away.length} of ${members.length}`
        if (away.length * 2 <= members.length) return well(`${reached} are`)
        return illIfAny(away, '', `only ${reached} are; away`)
      }),
  },
  {
    code: 'admitted',
    asks: 'Do the others count this society as a member?',
    mend:
      'Have a member run society federation admit NAME: until then others take only its first ' +
      'changes, and nothing that it does counts.',
    look: ({ node }) =>
      given(node, ({ vitals: { admitted, members } }) => {
        if (members.length === 0) return unknown('no other member is known here')
        return wellIf(admitted, 'they do', 'no member has admitted it, as far as is known here')
      }),
  },
  {
    code: 'outbound',
    asks: 'Did this node choose some of its peers itself?',
    mend: 'Name nodes in network.bootstrap: who dials chooses what this node gets to see.',
    look: ({ node }) =>
      given(node, (facts) => {
        const count = outbound(facts).length
        const { members } = facts.vitals
        const dialled = `dialled from here: ${count}`
        // Who has every member connected lacks nothing by having been called.
        if (members.every((member) => member.connected)) return well(dialled)
        const isEnough = count >= Math.min(outboundMin, members.length)
        return wellIf(isEnough || connected(facts).length === 0, dialled, `too few ${dialled}`)
      }),
  },
  {
    code: 'outbound-diversity',
    asks: 'Are those in more than one network?',
    mend: 'Add nodes of other operators to network.bootstrap.',
    look: ({ node }) =>
      given(node, (facts) => {
        const all = outbound(facts).flatMap(({ addresses }) => addresses.map(networkOf))
        const networks = new Set(all.filter((network) => network !== undefined))
        if (all.length < outboundMin) return unknown('too few to tell')
        if (networks.size === 0) return well('all on the local network')
        return wellIf(
          networks.size > 1,
          counted(networks.size, 'network'),
          `all in ${[...networks][0]}`,
        )
      }),
  },
  {
    code: 'latency',
    asks: 'Do connected nodes answer in a short time?',
    mend: 'Look at the connection between here and those.',
    look: ({ node }) =>
      given(node, (facts) => {
        const slow = connected(facts).filter(({ latencyMs }) => (latencyMs ?? 0) > latencyMsMax)
        const named = slow.map(({ name, peer, latencyMs }) => `${name ?? peer} ${latencyMs} ms`)
        return illIfAny(named, 'they do', 'slow')
      }),
  },
  {
    code: 'peer-faults',
    asks: 'Do peers keep to the rules?',
    mend: 'Nothing here: at 100 points they are cut off. Tell their operators.',
    look: ({ node }) =>
      given(node, ({ peers }) => {
        const bad = peers.filter(({ points }) => points > pointsMax)
        const named = bad.map(({ name, peer, points }) => `${name ?? peer} ${points} points`)
        return illIfAny(named, 'they do', 'faults of')
      }),
  },
  {
    code: 'reachable',
    asks: 'Can other machines reach this node?',
    mend:
      'Listen on an address of the network with a port of its own (network.listen), or announce ' +
      'the router’s.',
    look: ({ node, directory: { config } }) =>
      given(node, ({ status: { addresses, federation } }) => {
        const isTest = federation?.startsWith('test-') ?? false
        const isLocal = addresses.every((address) => /^\/ip[46]\/(127\.|::1\/)/.test(address))
        if (!isLocal && !('value' in config && changesPort(config.value))) {
          return well(`at ${counted(addresses.length, 'address', 'addresses')}`)
        }
        if (!isLocal) return (isTest ? unknown : ill)('its port is another after each start')
        if (isTest || !('value' in config)) return unknown('on loopback alone')
        return ill('it listens on loopback alone')
      }),
  },
  {
    code: 'sync',
    asks: 'Is all here that others have announced?',
    mend: 'Connect to its author, or to whoever has it; society why NAME tells what is missing.',
    look: ({ node, now }) =>
      given(node, ({ vitals: { sync } }) => {
        const late = sync.filter(({ announcedAt }) => now - Date.parse(announcedAt) > lagMsMax)
        const named = late.map(
          ({ name, kind, held, announced }) => `${name}/${kind} ${held} of ${announced}`,
        )
        return illIfAny(named, sync.length === 0 ? 'it is' : 'on its way', 'missing')
      }),
  },
  {
    code: 'clock',
    asks: 'Does the clock stand right?',
    mend: 'Let the machine set its clock by a time server.',
    look: ({ node }) =>
      given(node, ({ clock: { state, message, aheadSeconds } }) => {
        if (state !== 'right') return ill(message ?? state)
        if (aheadSeconds === 0) return well('as far as is known')
        return well(`${aheadSeconds} s ahead of the machine’s, as clock.aheadSeconds wants it`)
      }),
  },
  {
    code: 'clock-peers',
    asks: 'Do other societies’ clocks agree with it?',
    mend: 'Let the machine set its clock; at 60 s off the node stops signing.',
    look: ({ node }) =>
      given(node, ({ clock: { peersOffsetMs } }) => {
        if (peersOffsetMs === null) return unknown('too few have told theirs')
        const off = `${Math.round(Math.abs(peersOffsetMs))} ms off their median`
        return wellIf(Math.abs(peersOffsetMs) <= clockOffsetMsMax, off, off)
      }),
  },
]
