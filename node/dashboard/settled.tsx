import type { VNode } from 'preact'
import type { RecordView } from '../../src/index.ts'
import type { Status } from './answers.ts'
import { useResources } from './resource.ts'
import type { Naming } from './society-names.ts'
import { Id, Mark, Name, Table } from './table.tsx'
import { amount, moment, short } from './words.ts'

/** Records of each society that are looked through, and societies at most. */
const recordsMax = 1_000
const societiesMax = 24

type Trade = {
  readonly settled: RecordView
  readonly accepted: RecordView | undefined
  readonly claimed: boolean
}

const kinds = ['trade.accept', 'trade.settle', 'trade.claim']

function tradesOf(records: readonly RecordView[], self: string): readonly Trade[] {
  const valid = records.filter((record) => record.void === null)
  const byId = new Map(valid.map((record) => [record.id, record]))
  const claimed = new Set(
    valid.filter(({ kind }) => kind === 'trade.claim').map(({ fields }) => fields['settlement']),
  )
  return valid
    .filter(({ kind }) => kind === 'trade.settle')
    .map((settled) => ({
      settled,
      accepted: byId.get(String(settled.fields['acceptance'])),
      claimed: claimed.has(settled.id),
    }))
    .filter(({ settled, accepted }) => settled.society === self || accepted?.society === self)
    .toSorted((a, b) => Date.parse(b.settled.time) - Date.parse(a.settled.time))
}

/** Trades of this society that are settled, the newest first. */
export function Settled(given: {
  readonly status: Status
  readonly others: readonly { readonly value: string }[]
  readonly name: Naming
}): VNode {
  const { status, others, name } = given
  const societies = [status.id, ...others.map(({ value }) => value)].slice(0, societiesMax)
  const paths = societies.flatMap((id) =>
    kinds.map((kind) => {
      const society = encodeURIComponent(id)
      return `/v1/records?society=${society}&kind=${kind}&limit=${recordsMax}`
    }),
  )
  const known = useResources<readonly RecordView[]>(paths)
  const trades = tradesOf(
    known.flatMap(({ value }) => value ?? []),
    status.id,
  )
  const rows = trades.map(({ settled, accepted, claimed }) => [
    moment(settled.time, true),
    settled.society === status.id ? 'sold' : 'bought',
    accepted === undefined ? '' : amount(Number(accepted.fields['amount']) / 1000, 'ATP'),
    <Name id={settled.society} name={name} />,
    accepted === undefined ? 'unknown' : <Name id={accepted.society} name={name} />,
    claimed ? <Mark tone="good">settled, claimed</Mark> : <Mark tone="warn">settled</Mark>,
    <Id id={settled.id} label={short(settled.id)} />,
  ])
  return (
    <Table
      caption="Trades of this society that are settled"
      columns={[
        'When',
        'What',
        { head: 'Amount', number: true },
        'Seller',
        'Buyer',
        'State',
        'Settlement',
      ]}
      rows={rows}
      empty="No trade is settled yet. Offer ATP, or accept an offer of somebody else."
    />
  )
}
