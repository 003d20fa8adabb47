import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import type { TradesView } from '../../../src/index.ts'
import type { Status } from '../answers.ts'
import { Backing } from '../backing.tsx'
import { ActionButton, ActionForm, type Field } from '../form.tsx'
import { useResource } from '../resource.ts'
import { Settled } from '../settled.tsx'
import { useNames, useOthers, type Naming } from '../society-names.ts'
import { Name, Section, Shown, Table } from '../table.tsx'
import { amount, away, moment } from '../words.ts'

type Offer = TradesView['offers'][number]
type Acceptance = TradesView['acceptances'][number]

const offerColumns = [
  { head: 'Left', number: true },
  { head: 'Price', number: true },
  { head: 'Due for all', number: true },
] as const

const cells = ({ left, amount: all, price }: Offer): readonly string[] => [
  left === all ? amount(left, 'ATP') : `${amount(left, 'ATP')} of ${amount(all, 'ATP')}`,
  amount(price, 'ADP/ATP'),
  amount(Math.round(left * price * 1000) / 1000, 'ADP'),
]

/** Why an offer cannot be accepted by this society; undefined where it can. */
function closed(offer: Offer, status: Status): string | undefined {
  if (offer.to !== null && offer.to !== status.id) return 'for somebody else'
  if (offer.left === 0) return 'all of it is accepted'
  return undefined
}

function OthersOffers(given: {
  readonly offers: readonly Offer[]
  readonly status: Status
  readonly name: Naming
}): VNode {
  const { offers, status, name } = given
  const asked = useSignal<string | undefined>(undefined)
  const rows = offers.map((offer) => [
    <Name id={offer.seller} name={name} />,
    ...cells(offer),
    offer.service ?? '',
    <span title={moment(offer.expiresAt)}>{away(offer.expiresAt)}</span>,
    <button
      type="button"
      aria-expanded={asked.value === offer.seller}
      aria-label={`Backing of ${name(offer.seller)}`}
      onClick={() => {
        asked.value = asked.value === offer.seller ? undefined : offer.seller
      }}
    >
      Backing
    </button>,
    closed(offer, status) ?? (
      <ActionButton
        label="Accept"
        about={`${amount(offer.left, 'ATP')} of ${name(offer.seller)}`}
        deed={{ kind: 'trade.accept', with: { offer: offer.id } }}
      />
    ),
  ])
  return (
    <>
      <Table
        caption="Offers of others"
        columns={[
          'Seller',
          ...offerColumns,
          'Service besides',
          'Ends',
          'May I take it?',
          'Take it',
        ]}
        rows={rows}
        empty="Nobody offers anything now. Offers of other members appear here as they are made."
      />
      {asked.value === undefined ? null : <Backing society={asked.value} name={name} />}
    </>
  )
}

function OwnOffers(given: { readonly offers: readonly Offer[]; readonly name: Naming }): VNode {
  const { offers, name } = given
  const rows = offers.map((offer) => [
    ...cells(offer),
    offer.to === null ? 'anybody' : name(offer.to),
    offer.service ?? '',
    <span title={moment(offer.expiresAt)}>{away(offer.expiresAt)}</span>,
    <ActionButton
      label="Take back"
      about={`the offer of ${amount(offer.left, 'ATP')}`}
      deed={{ kind: 'trade.cancel', with: { offer: offer.id } }}
    />,
  ])
  return (
    <Table
      caption="Offers of this society"
      columns={[...offerColumns, 'For', 'Service besides', 'Ends', 'Undo']}
      rows={rows}
      empty="This society offers nothing. Its own available ATP can be offered below."
    />
  )
}

function Acceptances(given: {
  readonly acceptances: readonly Acceptance[]
  readonly status: Status
  readonly name: Naming
}): VNode {
  const { acceptances, status, name } = given
  const mine = acceptances.filter(
    ({ buyer, seller }) => buyer === status.id || seller === status.id,
  )
  const rows = mine.map((one) => {
    const about = `${amount(one.amount, 'ATP')} of ${name(one.seller)} for ${name(one.buyer)}`
    const of = (
      kind: string,
    ): { readonly kind: string; readonly with: { acceptance: string } } => ({
      kind,
      with: { acceptance: one.id },
    })
    return [
      name(one.buyer),
      name(one.seller),
      amount(one.amount, 'ATP'),
      amount(one.due, 'ADP'),
      one.seller === status.id ? (
        <>
          <ActionButton label="Settle" about={about} deed={of('trade.settle')} />
          <ActionButton label="Decline" about={about} deed={of('trade.decline')} />
        </>
      ) : (
        <ActionButton label="Take back" about={about} deed={of('trade.cancel')} />
      ),
    ]
  })
  return (
    <Table
      caption="Acceptances that wait for the seller"
      columns={[
        'Buyer',
        'Seller',
        { head: 'Amount', number: true },
        { head: 'Due', number: true },
        'Answer',
      ]}
      rows={rows}
      empty="Nothing waits. Nodes settle by themselves what fits an offer, unless told otherwise."
    />
  )
}

const offerFields: readonly Field[] = [
  { name: 'amount', label: 'Amount', unit: 'ATP', type: 'number', required: true },
  { name: 'price', label: 'Price', unit: 'ADP per ATP', type: 'number', hint: 'Empty: 1' },
  { name: 'service', label: 'Service besides' },
  { name: 'expiresHours', label: 'Ends after', unit: 'hours', type: 'number', hint: 'Empty: 24' },
]

/** Offers, acceptances and what was settled. */
export function TradePage({ status }: { readonly status: Status }): VNode {
  const name = useNames()
  const others = useOthers(status.id)
  const trades = useResource<TradesView>('/v1/trades')
  const anybody = [{ value: '', label: 'anybody' }, ...others]
  return (
    <Shown known={trades}>
      {({ offers, acceptances }) => (
        <>
          <Section title="Offers of others">
            <OthersOffers offers={offers.filter(({ mine }) => !mine)} status={status} name={name} />
            <div class="actions">
              <ActionForm
                title="Accept a part of an offer"
                verb="Accept"
                note={`ADP wait in escrow; ${amount(status.adp.pool, 'ADP')} are in the pool.`}
                fields={[
                  {
                    name: 'offer',
                    label: 'Offer',
                    required: true,
                    choices: offers
                      .filter((offer) => !offer.mine && closed(offer, status) === undefined)
                      .map(({ id, seller, left }) => ({
                        value: id,
                        label: `${name(seller)}: ${amount(left, 'ATP')}`,
                      })),
                  },
                  {
                    name: 'amount',
                    label: 'Amount',
                    unit: 'ATP',
                    type: 'number',
                    hint: 'Empty: all',
                  },
                ]}
                deed={(filled) => ({ kind: 'trade.accept', with: filled })}
              />
            </div>
          </Section>
          <Section title="Waiting for the seller">
            <Acceptances acceptances={acceptances} status={status} name={name} />
          </Section>
          <Section title="My offers">
            <OwnOffers offers={offers.filter(({ mine }) => mine)} name={name} />
            <div class="actions">
              <ActionForm
                title="Offer ATP"
                verb="Offer"
                note={`They go into escrow; ${amount(status.atp.available, 'ATP')} are available.`}
                fields={[...offerFields, { name: 'to', label: 'For', choices: anybody }]}
                deed={(filled) => ({ kind: 'trade.offer', with: filled })}
              />
            </div>
          </Section>
          <Section title="Settled">
            <Settled status={status} others={others} name={name} />
          </Section>
        </>
      )}
    </Shown>
  )
}
