import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import { useId } from 'preact/hooks'
import { ask, type Answer, type Trouble } from './client.ts'
import { refresh } from './live.ts'
import { mayAct } from './session.ts'
import { short } from './words.ts'

/** A field of a form. */
export type Field = {
  readonly name: string
  readonly label: string
  readonly unit?: string
  readonly hint?: string
  readonly required?: boolean
  readonly value?: string
  /** A list to choose from; a text without it. */
  readonly choices?: readonly Choice[]
  readonly type?: 'text' | 'number' | 'flag'
}

/** One of a list to choose from. */
export type Choice = { readonly value: string; readonly label: string }

/** What was filled in, by the fields' names; nothing of what was left empty. */
export type Filled = Readonly<Record<string, string | boolean>>

/** What an action sends: a record by its kind, or the body for another path. */
export type Deed = {
  readonly kind: string
  readonly path?: string
  readonly with: Readonly<Record<string, unknown>>
}

type Written = { readonly id?: string }

/** Does it at the node: the same request that the command line makes. */
function act(deed: Deed): Promise<Answer<Written>> {
  if (deed.path !== undefined) return ask('POST', deed.path, deed.with)
  return ask('POST', '/v1/records', { kind: deed.kind, with: deed.with })
}

type Outcome = Answer<Written> | 'doing' | undefined

/** Why the node refused, in its own words. */
export function Refused({ trouble }: { readonly trouble: Trouble }): VNode {
  return (
    <p class="refused" role="alert">
      <strong>Not done.</strong> {trouble.detail} <span class="advice">{trouble.advice}</span>{' '}
      <code>{trouble.code}</code>
    </p>
  )
}

/** What became of an action. */
function Outcome({ outcome }: { readonly outcome: Outcome }): VNode | null {
  if (outcome === undefined) return null
  if (outcome === 'doing') {
    return (
      <p class="doing" role="status">
        The node is at it …
      </p>
    )
  }
  if (!outcome.ok) return <Refused trouble={outcome.trouble} />
  const { id } = outcome.value
  return (
    <p class="done" role="status">
      <strong>Done.</strong> {id === undefined ? '' : <>It is on disk as record {short(id)}.</>}
    </p>
  )
}

function Input({ field }: { readonly field: Field }): VNode {
  const id = useId()
  const hint = field.hint === undefined ? undefined : `${id}-hint`
  const shared = {
    id,
    name: field.name,
    required: field.required === true,
    'aria-describedby': hint,
  }
  const isFlag = field.type === 'flag'
  return (
    <div class={isFlag ? 'field flag' : 'field'}>
      <label for={id}>
        {field.label}
        {field.unit === undefined ? '' : <span class="unit"> in {field.unit}</span>}
      </label>
      {field.choices !== undefined ? (
        <select {...shared}>
          {field.choices.map(({ value, label }) => (
            <option key={value} value={value} selected={value === field.value}>
              {label}
            </option>
          ))}
        </select>
      ) : isFlag ? (
        <input {...shared} required={false} type="checkbox" />
      ) : (
        <input
          {...shared}
          type="text"
          autocomplete="off"
          inputMode={field.type === 'number' ? 'decimal' : 'text'}
          defaultValue={field.value ?? ''}
        />
      )}
      {hint === undefined ? null : (
        <span id={hint} class="hint">
          {field.hint}
        </span>
      )}
    </div>
  )
}

function filledIn(form: HTMLFormElement, fields: readonly Field[]): Filled {
  const data = new FormData(form)
  const filled: Record<string, string | boolean> = {}
  for (const { name, type } of fields) {
    const value = data.get(name)
    if (type === 'flag') {
      if (value !== null) filled[name] = true
    } else if (typeof value === 'string' && value.trim() !== '') filled[name] = value.trim()
  }
  return filled
}

/** A form that has the node do something, below a heading that opens it. */
export function ActionForm(given: {
  readonly title: string
  readonly verb: string
  readonly fields: readonly Field[]
  readonly note?: string
  readonly deed: (filled: Filled) => Deed
}): VNode {
  const { title, verb, fields, note, deed } = given
  const outcome = useSignal<Outcome>(undefined)
  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    outcome.value = 'doing'
    outcome.value = await act(deed(filledIn(event.currentTarget, fields)))
    refresh()
  }
  return (
    <details class="action">
      <summary>{title}</summary>
      {note === undefined ? null : <p class="note">{note}</p>}
      <form onSubmit={(event) => void send(event)}>
        {fields.map((field) => (
          <Input key={field.name} field={field} />
        ))}
        <button type="submit" class="primary" disabled={!mayAct()}>
          {verb}
        </button>
      </form>
      {mayAct() ? null : <p class="note">This session may only look.</p>}
      <Outcome outcome={outcome.value} />
    </details>
  )
}

/** A button that has the node do something, with what became of it beside it. */
export function ActionButton(given: {
  readonly label: string
  /** What a screen reader says: the label and what it is about. */
  readonly about: string
  readonly deed: Deed
}): VNode {
  const { label, about, deed } = given
  const outcome = useSignal<Outcome>(undefined)
  async function press(): Promise<void> {
    outcome.value = 'doing'
    outcome.value = await act(deed)
    refresh()
  }
  return (
    <span class="act">
      <button
        type="button"
        disabled={!mayAct() || outcome.value === 'doing'}
        aria-label={`${label} ${about}`}
        onClick={() => void press()}
      >
        {label}
      </button>
      <Outcome outcome={outcome.value} />
    </span>
  )
}
