import type { VNode } from 'preact'
import type { TicketListView } from '../../src/index.ts'
import { ActionForm, type Choice, type Field } from './form.tsx'
import type { Naming } from './society-names.ts'
import { amount, short } from './words.ts'

const share = (name: string, label: string): Field => ({
  name,
  label,
  type: 'number',
  hint: '0 to 1; 0.5 where this is empty',
})

const atp: Field = { name: 'amount', label: 'Amount', unit: 'ATP', type: 'number', required: true }
const purpose: Field = { name: 'description', label: 'What for' }
const deadline: Field = { name: 'deadlineHours', label: 'Deadline', unit: 'hours', type: 'number' }

/** Asking for work, and giving it. */
export function WorkActions(given: {
  readonly others: readonly Choice[]
  readonly self: string
}): VNode {
  const { others, self } = given
  const everybody = [...others, { value: self, label: 'this society itself' }]
  return (
    <div class="actions">
      <ActionForm
        title="Request ATP"
        verb="Request"
        note="Asks a society for ATP to work with. It serves its queue by trust and by waiting."
        fields={[
          { name: 'to', label: 'Of whom', choices: everybody, required: true },
          atp,
          purpose,
          share('urgency', 'Urgency'),
          share('efficiency', 'Efficiency'),
          deadline,
          { name: 'critical', label: 'Critical; for own requests only', type: 'flag' },
        ]}
        deed={(filled) => ({ kind: 'work.request', with: filled })}
      />
      <ActionForm
        title="Allocate ATP to a worker"
        verb="Allocate"
        note="Reserves ATP for a ticket; completing it discharges them to ADP."
        fields={[
          atp,
          { name: 'worker', label: 'Worker', choices: everybody, required: true },
          purpose,
          { name: 'request', label: 'Request that it serves', hint: 'Its id; may be empty' },
          { ...deadline, hint: '24 where this is empty' },
        ]}
        deed={(filled) => ({ kind: 'work.allocate', with: filled })}
      />
      <ActionForm
        title="Confirm another society’s ticket"
        verb="Confirm"
        note="This node will then sign the completion at just this quality when it is asked to."
        fields={[
          { name: 'ticket', label: 'Ticket', required: true },
          { name: 'quality', label: 'Quality', type: 'number', hint: '0 to 1', required: true },
        ]}
        deed={(filled) => ({ kind: 'work.complete', path: '/v1/confirmations', with: filled })}
      />
    </div>
  )
}

/** Ending the tickets of this society that are under way. */
export function TicketActions(given: {
  readonly tickets: readonly TicketListView[]
  readonly others: readonly Choice[]
  readonly name: Naming
}): VNode | null {
  const { tickets, others, name } = given
  const active = tickets.filter(({ state }) => state === 'active')
  if (active.length === 0) return null
  const choices = active.map(({ id, worker, amount: reserved }) => ({
    value: id,
    label: `${short(id)}: ${amount(reserved, 'ATP')} for ${name(worker)}`,
  }))
  const ticket: Field = { name: 'ticket', label: 'Ticket', choices, required: true }
  const judges = [{ value: '', label: 'as usual: the requester, else this society' }, ...others]
  return (
    <div class="actions">
      <ActionForm
        title="Complete a ticket"
        verb="Complete"
        note="Worker and beneficiary sign by their nodes."
        fields={[
          ticket,
          { name: 'quality', label: 'Quality', type: 'number', hint: '0 to 1', required: true },
          { name: 'consumed', label: 'Used', unit: 'ATP', type: 'number', hint: 'Empty: all' },
          { name: 'beneficiary', label: 'Who judges it', choices: judges },
          { name: 'started', label: 'Begun at', hint: 'ISO 8601; with both its hours count' },
          { name: 'finished', label: 'Done at', hint: 'ISO 8601' },
        ]}
        deed={(filled) => ({ kind: 'work.complete', with: filled })}
      />
      <ActionForm
        title="End a ticket without result"
        verb="End it"
        note="What it reserved returns."
        fields={[ticket, { name: 'reason', label: 'Why' }]}
        deed={(filled) => ({ kind: 'work.fail', with: filled })}
      />
    </div>
  )
}
