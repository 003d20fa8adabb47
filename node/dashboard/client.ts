import { admission, leave } from './session.ts'

/** What the node says where it refuses or fails: the members of its problem documents. */
export type Trouble = {
  readonly code: string
  readonly detail: string
  readonly advice: string
}

/** An answer, or what stood in its way. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly trouble: Trouble }

const noAnswer: Trouble = {
  code: 'no-node',
  detail: 'The node does not answer.',
  advice: "It may have stopped: 'society start' runs it. This page tries again by itself.",
}

/** Wait before a node that has too much to do is asked again, in ms; longer each time. */
const pauseMs = 1_000
/** How often it is asked at most. */
const triesMax = 4

/** Header that admits this page; empty where it is not admitted. */
export function authorization(): Record<string, string> {
  const { value } = admission
  return value.state === 'in' ? { authorization: `Bearer ${value.session.token}` } : {}
}

async function send(method: string, path: string, body: unknown): Promise<Response> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  return fetch(path, {
    method,
    headers: { ...authorization(), ...json },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** Asks the node. Never throws: whatever goes wrong is the answer. */
export async function ask<T>(
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  try {
    for (let tries = 1; ; tries++) {
      const response = await send(method, path, body)
      const isBusy = response.status === 429 || response.status === 503
      if (isBusy && method === 'GET' && tries < triesMax) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs * tries))
        continue
      }
      const said: unknown = await response.json()
      if (response.ok) return { ok: true, value: said as T }
      if (response.status === 401) leave('The session is over, or the node was started anew.')
      return { ok: false, trouble: { ...noAnswer, ...(said as Partial<Trouble>) } }
    }
  } catch {
    return { ok: false, trouble: noAnswer }
  }
}
