import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import type { HistoryView, RecordView } from '../../../src/index.ts'
import type { Head, Status } from '../answers.ts'
import { useChains } from '../chains.ts'
import { ask, type Answer } from '../client.ts'
import { Refused } from '../form.tsx'
import { useResource } from '../resource.ts'
import { useNames, useOthers, type Naming } from '../society-names.ts'
import { Id, Mark, Name, Section, Shown, Table } from '../table.tsx'
import { amount, moment, short } from '../words.ts'

/** Records on the page: the newest. */
const shownMax = 60

/** The place of a record's change in its document, and the one that it builds on. */
function placeOf({ document, seq }: RecordView): string {
  return seq === 1 ? `${document} #1, the first` : `${document} #${seq}, after #${seq - 1}`
}

function Fields({ record }: { readonly record: RecordView }): VNode {
  const fields = Object.entries(record.fields)
  if (fields.length === 0) return <>none</>
  return (
    <details class="fields">
      <summary>{fields.length} fields</summary>
      <dl>
        {fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Records(given: { readonly records: readonly RecordView[]; readonly name: Naming }): VNode {
  const { records, name } = given
  const rows = records
    .toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time) || b.seq - a.seq)
    .slice(0, shownMax)
    .map((record) => [
      moment(record.time, true),
      record.kind,
      <Name id={record.society} name={name} />,
      record.void === null ? (
        <Mark tone="good">signed, valid</Mark>
      ) : (
        <Mark tone="bad">signed, void: {record.void}</Mark>
      ),
      placeOf(record),
      <Fields record={record} />,
      <Id id={record.id} label={short(record.id)} />,
    ])
  const more = records.length > shownMax
  return (
    <>
      {more ? (
        <p class="hint">
          The newest {shownMax} of {records.length}.
        </p>
      ) : null}
      <Table
        caption="Records, the newest first"
        columns={['Time', 'Record', 'Author', 'Signature', 'Chain', 'Says', 'Id']}
        rows={rows}
        empty="No such record. Choose another kind or society."
      />
    </>
  )
}

function Chains({
  heads,
  society,
}: {
  readonly heads: readonly Head[]
  readonly society: string
}): VNode {
  const rows = heads
    .filter((head) => head.society === society)
    .map(({ kind, seq, hash, state }) => [
      kind,
      seq,
      <Id id={hash} label={short(hash)} />,
      <Id id={state} label={short(state)} />,
    ])
  return (
    <Table
      caption="Where the chains of this society end"
      columns={['Document', { head: 'Changes', number: true }, 'Head', 'Digest of its state']}
      rows={rows}
      empty="Nothing of this society is held here."
    />
  )
}

function PoolThen(given: { readonly then: HistoryView; readonly now: Status | undefined }): VNode {
  const { then, now } = given
  const { asOf } = then
  const row = (label: string, value: number, present: number | undefined, unit: string) => [
    label,
    amount(value, unit),
    present === undefined ? '' : amount(present, unit),
  ]
  return (
    <>
      <p>
        {asOf.pool === null
          ? 'The pool had no record by then.'
          : `After ${asOf.pool.changes} changes of the pool; ${asOf.later} are dated later.`}
      </p>
      <Table
        caption={`The pool as it stood at ${moment(asOf.at, true)}`}
        columns={['What', { head: 'Then', number: true }, { head: 'Now', number: true }]}
        rows={[
          row('Proven', then.energy.capacity, now?.energy.capacity, 'W'),
          row('Available', then.atp.available, now?.atp.available, 'ATP'),
          row('Reserved for work', then.atp.reserved, now?.atp.reserved, 'ATP'),
          row('In escrow', then.atp.escrowed, now?.atp.escrowed, 'ATP'),
          row('Lent', then.atp.lent, now?.atp.lent, 'ATP'),
          row('Wasted', then.atp.wasted, now?.atp.wasted, 'ATP'),
          row('In the pool', then.adp.pool, now?.adp.pool, 'ADP'),
          row('Supply', then.supply, now?.supply, 'ATP and ADP'),
        ]}
        empty=""
      />
    </>
  )
}

function AtTime({ society }: { readonly society: string }): VNode {
  const answer = useSignal<Answer<HistoryView> | undefined>(undefined)
  const id = encodeURIComponent(society)
  const now = useResource<Status>(`/v1/societies/${id}`)
  async function look(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const local = new FormData(event.currentTarget).get('at')
    if (typeof local !== 'string' || local === '') return
    const at = encodeURIComponent(new Date(local).toISOString())
    answer.value = await ask('GET', `/v1/societies/${id}/history?at=${at}`)
  }
  const { value } = answer
  return (
    <>
      <form class="inline-form" onSubmit={(event) => void look(event)}>
        <div class="field">
          <label for="at">Time, of this place</label>
          <input id="at" name="at" type="datetime-local" step="1" required />
        </div>
        <button type="submit">Show the pool as it stood</button>
      </form>
      {value === undefined ? (
        <p class="hint">The node folds the records up to that time again.</p>
      ) : value.ok ? (
        <PoolThen then={value.value} now={now.value} />
      ) : (
        <Refused trouble={value.trouble} />
      )}
    </>
  )
}

/** Records as they stand in their chains, and the pool as it stood at a time. */
export function LedgerPage({ status }: { readonly status: Status }): VNode {
  const name = useNames()
  const others = useOthers(status.id)
  const whose = useSignal(status.id)
  const kind = useSignal('')
  const { records, whole, trouble } = useChains(whose.value)
  const kinds = [...new Set(records.map((record) => record.kind))].toSorted()
  const societies = [{ value: status.id, label: status.name }, ...others]
  const choose = (
    label: string,
    value: string,
    choices: readonly { readonly value: string; readonly label: string }[],
    take: (value: string) => void,
  ): VNode => (
    <label>
      {label}{' '}
      <select class="inline" value={value} onChange={(event) => take(event.currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <>
      <p class="choices">
        {choose('Society', whose.value, societies, (value) => {
          whose.value = value
        })}
        {choose(
          'Kind',
          kind.value,
          [{ value: '', label: 'all' }, ...kinds.map((one) => ({ value: one, label: one }))],
          (value) => {
            kind.value = value
          },
        )}
      </p>
      <Section title="Chains" lead="Each change names the one before it; one signature covers all.">
        <Chains heads={status.heads} society={whose.value} />
      </Section>
      <Section
        title="Records"
        lead="Signatures were checked before records were taken in; what breaks a rule is void."
      >
        <Shown known={{ value: whole || records.length > 0 ? records : undefined, trouble }}>
          {(all) => (
            <Records
              records={all.filter((one) => kind.value === '' || one.kind === kind.value)}
              name={name}
            />
          )}
        </Shown>
      </Section>
      <Section title="The pool at a time">
        <AtTime key={whose.value} society={whose.value} />
      </Section>
    </>
  )
}
