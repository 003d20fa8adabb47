import { effect, signal, untracked, type Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { ask, type Trouble } from './client.ts'
import { pulse } from './live.ts'

/** What is known of an answer: the newest one, and what stood in the way of a newer one. */
export type Known<T> = { readonly value: T | undefined; readonly trouble: Trouble | undefined }

type Kept = {
  readonly known: Signal<Known<unknown>>
  users: number
  asking: boolean
  again: boolean
}

const kept = new Map<string, Kept>()

async function load(path: string, one: Kept): Promise<void> {
  if (one.asking) {
    one.again = true
    return
  }
  one.asking = true
  const answer = await ask<unknown>('GET', path)
  const { value } = one.known.peek()
  one.known.value = answer.ok
    ? { value: answer.value, trouble: undefined }
    : { value, trouble: answer.trouble }
  one.asking = false
  if (one.again) {
    one.again = false
    await load(path, one)
  }
}

effect(() => {
  if (pulse.value === 0) return
  untracked(() => {
    for (const [path, one] of kept) {
      if (one.users > 0) void load(path, one)
    }
  })
})

function keep(path: string): Kept {
  const found = kept.get(path)
  if (found !== undefined) return found
  const made = {
    known: signal<Known<unknown>>({ value: undefined, trouble: undefined }),
    users: 0,
    asking: false,
    again: false,
  }
  kept.set(path, made)
  return made
}

/**
 * What a path of the API answers, asked again whenever something happens at the node for as long
 * as a component shows it.
 */
export function useResource<T>(path: string): Known<T> {
  const one = useMemo(() => keep(path), [path])
  useEffect(() => {
    one.users += 1
    void load(path, one)
    return () => {
      one.users -= 1
    }
  }, [one, path])
  return one.known.value as Known<T>
}

/** The same for several paths: what each of them answers, in their order. */
export function useResources<T>(paths: readonly string[]): readonly Known<T>[] {
  const joined = paths.join('\n')
  const all = useMemo(() => paths.map((path) => ({ path, one: keep(path) })), [joined])
  useEffect(() => {
    for (const { path, one } of all) {
      one.users += 1
      void load(path, one)
    }
    return () => {
      for (const { one } of all) one.users -= 1
    }
  }, [all])
  return all.map(({ one }) => one.known.value as Known<T>)
}
