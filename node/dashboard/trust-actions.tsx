import type { VNode } from 'preact'
import type { BondListView, VouchListView } from '../../src/index.ts'
import type { Status } from './answers.ts'
import { ActionButton, ActionForm, type Choice } from './form.tsx'
import { useResource } from './resource.ts'
import type { Naming } from './society-names.ts'
import { Mark, Section, Shown, Table } from './table.tsx'
import { amount, away, sourceName } from './words.ts'

const vouchTones = {
  open: 'warn',
  lapsed: 'plain',
  active: 'good',
  succeeded: 'good',
  failed: 'bad',
} as const

function Vouches(given: { readonly self: string; readonly name: Naming }): VNode {
  const { self, name } = given
  const known = useResource<readonly VouchListView[]>('/v1/vouches')
  return (
    <Shown known={known}>
      {(vouches) => (
        <Table
          caption="Vouches that societies have given"
          columns={[
            'Sponsor',
            'Newcomer',
            { head: 'At stake', number: true },
            'State',
            'Until',
            '',
          ]}
          rows={vouches.map((vouch) => [
            name(vouch.sponsor),
            name(vouch.newcomer),
            amount(vouch.watts, 'W'),
            <Mark tone={vouchTones[vouch.state]}>{vouch.state}</Mark>,
            away(vouch.until),
            vouch.newcomer === self && vouch.state === 'open' ? (
              <ActionButton
                label="Accept"
                about={`the vouch of ${name(vouch.sponsor)}`}
                deed={{ kind: 'vouch.accept', with: { vouch: vouch.id } }}
              />
            ) : (
              ''
            ),
          ])}
          empty="Nobody has vouched for anybody yet."
        />
      )}
    </Shown>
  )
}

function VouchForm(given: { readonly status: Status; readonly others: readonly Choice[] }): VNode {
  const { status, others } = given
  const most = status.energy.capacity / 2
  return (
    <ActionForm
      title="Vouch for a newcomer"
      verb="Vouch"
      note={
        `What it risks: the watts are bound for the period and back nothing else; at most ` +
        `${amount(most, 'W')}, half of this society’s capacity, and three vouches at a time. If ` +
        `the newcomer does not prove as many watts of its own in time, or is caught, everybody’s ` +
        `trust in this society is multiplied by 0.7, once and for good.`
      }
      fields={[
        { name: 'to', label: 'Newcomer', choices: others, required: true },
        { name: 'watts', label: 'At stake', unit: 'W', type: 'number', required: true },
        { name: 'days', label: 'Period', unit: 'days', type: 'number', hint: 'Empty: 30' },
        { name: 'endorsers', label: 'Who signs for it', hint: 'The parent, or two; by commas' },
      ]}
      deed={({ endorsers, ...filled }) => ({
        kind: 'vouch.give',
        with:
          typeof endorsers === 'string'
            ? { ...filled, endorsers: endorsers.split(',').map((one) => one.trim()) }
            : filled,
      })}
    />
  )
}

function Bonds({ name }: { readonly name: Naming }): VNode {
  const known = useResource<readonly BondListView[]>('/v1/bonds')
  return (
    <Shown known={known}>
      {(bonds) => (
        <Table
          caption="The newest bond of every society"
          columns={['Society', { head: 'Committed', number: true }, 'State', 'Locked', 'Capacity']}
          rows={bonds.map((bond) => [
            name(bond.society),
            amount(bond.capacity, 'W'),
            bond.state,
            away(bond.until),
            bond.proven ? 'proven' : 'missing',
          ])}
          empty="Nobody has committed capacity. A bond raises trust and halves it when broken."
        />
      )}
    </Shown>
  )
}

/** Vouches and bonds: what societies stake on their word. */
export function TrustActions(given: {
  readonly status: Status
  readonly others: readonly Choice[]
  readonly name: Naming
}): VNode {
  const { status, others, name } = given
  const sources = Object.keys(status.energy.sources).map((id) => ({
    value: id,
    label: sourceName(id),
  }))
  return (
    <>
      <Section title="Vouches">
        <Vouches self={status.id} name={name} />
        <div class="actions">
          <VouchForm status={status} others={others} />
        </div>
      </Section>
      <Section title="Bonds">
        <Bonds name={name} />
        <div class="actions">
          <ActionForm
            title="Commit a source"
            verb="Commit"
            note="Trust grows with it over its time, and is halved if the capacity goes missing."
            fields={[
              { name: 'source', label: 'Source', choices: sources, required: true },
              { name: 'lockDays', label: 'Time', unit: 'days', type: 'number', hint: 'Empty: 30' },
            ]}
            deed={({ source, ...filled }) => ({
              kind: 'bond.commit',
              with: { ...filled, sources: [source] },
            })}
          />
          {status.bond.state === 'active' ? (
            <p>
              <ActionButton
                label="Fulfil"
                about="the bond after its time"
                deed={{ kind: 'bond.fulfil', with: {} }}
              />
              <ActionButton
                label="Abandon"
                about="the bond; within its time that halves trust"
                deed={{ kind: 'bond.abandon', with: {} }}
              />
            </p>
          ) : null}
        </div>
      </Section>
    </>
  )
}
