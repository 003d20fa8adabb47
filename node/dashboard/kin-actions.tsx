import type { VNode } from 'preact'
import type { RecordView } from '../../src/index.ts'
import type { Status } from './answers.ts'
import { ActionButton, ActionForm, type Choice } from './form.tsx'
import { useResource } from './resource.ts'
import type { Naming } from './society-names.ts'
import { amount, short } from './words.ts'

/** Parent and children: asking, admitting, lending and asking back. */
export function KinActions(given: {
  readonly status: Status
  readonly others: readonly Choice[]
  readonly name: Naming
}): VNode {
  const { status, others, name } = given
  const granted = useResource<readonly RecordView[]>('/v1/records?kind=allocation.grant&limit=1000')
  const children = status.children.map((id) => ({ value: id, label: name(id) }))
  const grants = (granted.value ?? [])
    .filter((record) => record.void === null)
    .map(({ id, fields }) => ({
      value: id,
      label: `${short(id)}: ${amount(Number(fields['amount']) / 1000, 'ATP')}`,
    }))
  return (
    <div class="actions">
      {status.parent === null ? (
        <ActionForm
          title="Ask a society to be the parent"
          verb="Ask"
          note="A parent lends ATP to its children; what work discharges comes home to it."
          fields={[{ name: 'parent', label: 'Parent', choices: others, required: true }]}
          deed={(filled) => ({ kind: 'citizenship.apply', with: filled })}
        />
      ) : (
        <p>
          {name(status.parent)} is the parent.{' '}
          <ActionButton
            label="Leave"
            about={name(status.parent)}
            deed={{ kind: 'citizenship.leave', with: {} }}
          />
        </p>
      )}
      <ActionForm
        title="Take an applicant as a child"
        verb="Take"
        fields={[{ name: 'child', label: 'Child', choices: others, required: true }]}
        deed={(filled) => ({ kind: 'citizenship.admit', with: filled })}
      />
      {children.length === 0 ? null : (
        <ActionForm
          title="Lend ATP to a child"
          verb="Lend"
          note={`${amount(status.atp.available, 'ATP')} are available.`}
          fields={[
            { name: 'amount', label: 'Amount', unit: 'ATP', type: 'number', required: true },
            { name: 'to', label: 'Child', choices: children, required: true },
          ]}
          deed={(filled) => ({ kind: 'allocation.grant', with: filled })}
        />
      )}
      {grants.length === 0 ? null : (
        <ActionForm
          title="Ask a grant back"
          verb="Ask back"
          note="The child returns what it has not reserved."
          fields={[{ name: 'grant', label: 'Grant', choices: grants, required: true }]}
          deed={(filled) => ({ kind: 'allocation.revoke', with: filled })}
        />
      )}
    </div>
  )
}
