import type { VNode } from 'preact'
import type { ExchangeView } from '../../../src/index.ts'
import type { Peer, ShortSociety, Status } from '../answers.ts'
import { ActionButton } from '../form.tsx'
import { KinActions } from '../kin-actions.tsx'
import { useResource } from '../resource.ts'
import { useNames, useOthers } from '../society-names.ts'
import { Id, Mark, Section, Shown, Table } from '../table.tsx'
import { amount, away, connectionFailure, count } from '../words.ts'

function ofTheirs({ theirs }: ExchangeView): VNode {
  const held = theirs.trust + theirs.pool
  const said = theirs.trustSaid + theirs.poolSaid
  return held === said ? (
    <>
      <Mark tone="good">all</Mark> {count(held)} changes
    </>
  ) : (
    <>
      <Mark tone="warn">behind</Mark> {count(held)} of {count(said)} changes
    </>
  )
}

function ofOurs({ ours }: ExchangeView, own: number): VNode {
  if (ours === null) return <Mark tone="plain">not told yet</Mark>
  const held = ours.trust + ours.pool
  return (
    <>
      {held >= own ? <Mark tone="good">all</Mark> : <Mark tone="plain">at least</Mark>}{' '}
      {count(held)} of {count(own)} changes, told {away(ours.at)}
    </>
  )
}

function Peers({ peers, own }: { readonly peers: readonly Peer[]; readonly own: number }): VNode {
  const rows = peers.map((peer) => [
    peer.name ?? 'unknown society',
    peer.member ? 'member' : 'guest',
    peer.since === null ? (
      <Mark tone="warn">not connected</Mark>
    ) : (
      <>
        <Mark tone="good">connected</Mark> {peer.direction}, since {away(peer.since)}
      </>
    ),
    peer.latencyMs === null ? 'unknown' : amount(Math.round(peer.latencyMs * 10) / 10, 'ms'),
    peer.exchange === null ? 'nothing' : ofTheirs(peer.exchange),
    peer.exchange === null ? 'unknown' : ofOurs(peer.exchange, own),
    peer.lastFailure === null ? (
      'none'
    ) : (
      <span title={peer.lastFailure}>
        {peer.since === null ? '' : 'Before this connection: '}
        {connectionFailure(peer.lastFailure)}
      </span>
    ),
    <Id id={`${peer.peer} ${peer.addresses.join(' ')}`} label={`…${peer.peer.slice(-8)}`} />,
  ])
  return (
    <Table
      caption="Nodes of others"
      columns={[
        'Society',
        'Standing',
        'Connection',
        { head: 'Latency', number: true },
        'We have of theirs',
        'They have of ours',
        'Last failure',
        'Peer',
      ]}
      rows={rows}
      empty={
        'No other node is known. Give somebody one of the addresses below, or name theirs under ' +
        'network.bootstrap in config.yaml and start the node again.'
      }
    />
  )
}

function Societies(given: {
  readonly societies: readonly ShortSociety[]
  readonly name: (id: string) => string
}): VNode {
  const { societies, name } = given
  const rows = societies.map((one) => [
    one.self ? `${name(one.id)} (this one)` : name(one.id),
    one.membership === 'applicant' ? (
      <>
        <Mark tone="warn">asks to join</Mark>{' '}
        <ActionButton
          label="Admit"
          about={name(one.id)}
          deed={{ kind: 'federation.admit', with: { society: one.id } }}
        />
      </>
    ) : (
      one.membership
    ),
    one.parent === null ? 'none' : name(one.parent),
    amount(one.capacity, 'W'),
    amount(one.available, 'ATP'),
    amount(one.adp, 'ADP'),
    one.standing === 'good' ? (
      <Mark tone="good">good</Mark>
    ) : (
      <Mark tone="bad">signed two pasts: deal no further with it</Mark>
    ),
    <Id id={one.id} label={one.id.slice(8, 20)} />,
  ])
  return (
    <Table
      caption="Societies that this node knows"
      columns={[
        'Society',
        'Membership',
        'Parent',
        { head: 'Proven', number: true },
        { head: 'Available', number: true },
        { head: 'ADP', number: true },
        'Standing',
        'Id',
      ]}
      rows={rows}
      empty="No society is known."
    />
  )
}

/** Nodes of others, what either has of the other, and the societies they belong to. */
export function NetworkPage({ status }: { readonly status: Status }): VNode {
  const name = useNames()
  const others = useOthers(status.id)
  const peers = useResource<readonly Peer[]>('/v1/peers')
  const societies = useResource<readonly ShortSociety[]>('/v1/societies')
  const own = status.heads
    .filter(({ society }) => society === status.id)
    .reduce((sum, { seq }) => sum + seq, 0)
  return (
    <>
      <Section title="Peers">
        <Shown known={peers}>{(value) => <Peers peers={value} own={own} />}</Shown>
      </Section>
      <Section title="Societies">
        <Shown known={societies}>{(value) => <Societies societies={value} name={name} />}</Shown>
        <KinActions status={status} others={others} name={name} />
      </Section>
      <Section title="Where others reach this node">
        <ul class="addresses">
          {status.addresses.map((address) => (
            <li key={address}>
              <code>{address}</code>
            </li>
          ))}
        </ul>
      </Section>
    </>
  )
}
