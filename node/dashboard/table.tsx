import type { ComponentChildren, VNode } from 'preact'
import type { Known } from './resource.ts'
import { amount } from './words.ts'

/** A column: its heading, and whether it holds numbers, which stand to the right. */
export type Column = string | { readonly head: string; readonly number: true }

/** Rows under headings, or a sentence that says what to do where there are none. */
export function Table(given: {
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly ComponentChildren[])[]
  readonly empty: ComponentChildren
}): VNode {
  const { caption, columns, rows, empty } = given
  if (rows.length === 0) return <p class="empty">{empty}</p>
  const kinds = columns.map((column) => (typeof column === 'string' ? undefined : 'number'))
  return (
    // Wide tables are moved sideways by themselves, with the keyboard too.
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, i) => (
              <th key={i} scope="col" class={kinds[i]}>
                {typeof column === 'string' ? column : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {row.map((cell, i) => (
                <td key={i} class={kinds[i]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A part of a page under a heading. */
export function Section(given: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly children: ComponentChildren
}): VNode {
  return (
    <section>
      <h2>{given.title}</h2>
      {given.lead === undefined ? null : <p class="lead">{given.lead}</p>}
      {given.children}
    </section>
  )
}

/** A number that matters, with its unit and what it is. */
export function Figure(given: {
  readonly label: string
  readonly value: number
  readonly unit: string
  /** The unit of just one, where it is called differently. */
  readonly one?: string
  readonly note?: ComponentChildren
}): VNode {
  const [digits] = amount(given.value, given.unit).split('\u00a0')
  const unit = given.value === 1 ? (given.one ?? given.unit) : given.unit
  return (
    <div class="figure">
      <dt>{given.label}</dt>
      <dd>
        <span class="digits">{digits}</span> <span class="unit">{unit}</span>
        {given.note === undefined ? null : <span class="figure-note">{given.note}</span>}
      </dd>
    </div>
  )
}

/** Shows what is known; says that it is being asked for, or why there is nothing to show. */
export function Shown<T>(given: {
  readonly known: Known<T>
  readonly children: (value: T) => ComponentChildren
}): VNode {
  const { value, trouble } = given.known
  return (
    <>
      {trouble === undefined ? null : (
        <p class="trouble" role="alert">
          {trouble.detail} {trouble.advice}
        </p>
      )}
      {value === undefined
        ? trouble === undefined && (
            <p class="doing" role="status">
              The node is asked …
            </p>
          )
        : given.children(value)}
    </>
  )
}

/** An id, shortened; the whole of it on demand. */
export function Id({ id, label }: { readonly id: string; readonly label: string }): VNode {
  return (
    <span class="id" title={id}>
      {label}
    </span>
  )
}

/** What a society is called; its id on demand. */
export function Name(given: { readonly id: string; readonly name: (id: string) => string }): VNode {
  return <span title={given.id}>{given.name(given.id)}</span>
}

/** How a thing stands, in a word: its colour says nothing that the word does not. */
export function Mark(given: {
  readonly tone: 'good' | 'bad' | 'warn' | 'plain'
  readonly children: ComponentChildren
}): VNode {
  return <span class={`mark ${given.tone}`}>{given.children}</span>
}

/** How much of a whole is taken, as a bar beside its words. */
export function Bar(given: {
  readonly part: number
  readonly whole: number
  readonly label: string
}): VNode {
  const { part, whole, label } = given
  return (
    <meter min={0} max={Math.max(whole, 1)} value={part} aria-label={label} title={label}>
      {label}
    </meter>
  )
}
