import { expect, test } from 'vitest'
import type { FrontierEntry } from '../../protocol/index.ts'
import { idleSync, syncStep, type SyncEvent, type SyncState } from '../../src/sync/steps.ts'
import { syncFruitlessMsMax, syncPauseMs } from '../../src/limits.ts'

const entry = (actor: string, seq: number): FrontierEntry =>
  ({ actor, seq, hash: 'h' }) as unknown as FrontierEntry

/** Plays events one after the other at times; answers the state and the effects of the last. */
function play(events: readonly (readonly [number, SyncEvent])[]): ReturnType<typeof syncStep> {
  let state: SyncState = idleSync
  let effects: ReturnType<typeof syncStep>['effects'] = []
  for (const [now, event] of events) ({ state, effects } = syncStep(state, event, now))
  return { state, effects }
}

test('a new peer is asked at once (R74)', () => {
  expect(play([[0, { type: 'connected', peer: 'a' }]]).effects).toEqual([
    { type: 'ask', peer: 'a', afterMs: 0 },
  ])
})

test('hints during an exchange are answered by one more, after the pause', () => {
  const { effects } = play([
    [0, { type: 'connected', peer: 'a' }],
    [1, { type: 'hint', peer: 'a' }],
    [2, { type: 'hint', peer: 'a' }],
    [10, { type: 'answered', peer: 'a', ahead: [] }],
  ])
  expect(effects).toEqual([{ type: 'ask', peer: 'a', afterMs: syncPauseMs - 10 }])
})

test('a document is pulled from one peer at a time (R74)', () => {
  const connected: (readonly [number, SyncEvent])[] = [
    [0, { type: 'connected', peer: 'a' }],
    [0, { type: 'connected', peer: 'b' }],
    [1, { type: 'answered', peer: 'a', ahead: [entry('x', 5)] }],
  ]
  const second: SyncEvent = { type: 'answered', peer: 'b', ahead: [entry('x', 6), entry('y', 1)] }
  expect(play([...connected, [2, second]]).effects).toEqual([
    { type: 'pull', peer: 'b', pulls: [{ actor: 'y', to: 1 }] },
  ])
  const freed: SyncEvent = { type: 'pulled', peer: 'a', progress: false }
  expect(play([...connected, [2, freed], [3, second]]).effects).toEqual([
    {
      type: 'pull',
      peer: 'b',
      pulls: [
        { actor: 'x', to: 6 },
        { actor: 'y', to: 1 },
      ],
    },
  ])
})

test('a peer that leaves frees what it was pulling', () => {
  const { state } = play([
    [0, { type: 'connected', peer: 'a' }],
    [1, { type: 'answered', peer: 'a', ahead: [entry('x', 5)] }],
    [2, { type: 'disconnected', peer: 'a' }],
  ])
  expect(state.pulling.size).toBe(0)
  expect(state.peers.size).toBe(0)
})

test('a pull that brought something is followed by another look', () => {
  const { effects } = play([
    [0, { type: 'connected', peer: 'a' }],
    [1, { type: 'answered', peer: 'a', ahead: [entry('x', 5)] }],
    [500, { type: 'pulled', peer: 'a', progress: true }],
  ])
  expect(effects).toEqual([{ type: 'ask', peer: 'a', afterMs: 0 }])
})

test('a tick looks at the peer that chance picks, and at nobody where there is none', () => {
  expect(play([[0, { type: 'tick', chance: 0.5 }]]).effects).toEqual([])
  const { effects } = play([
    [0, { type: 'connected', peer: 'a' }],
    [0, { type: 'connected', peer: 'b' }],
    [1, { type: 'answered', peer: 'b', ahead: [] }],
    [1_000, { type: 'tick', chance: 0.99 }],
  ])
  expect(effects).toEqual([{ type: 'ask', peer: 'b', afterMs: 0 }])
})

test('an exchange that failed is tried again by itself', () => {
  const { effects } = play([
    [0, { type: 'connected', peer: 'a' }],
    [1, { type: 'failed', peer: 'a' }],
  ])
  expect(effects).toMatchObject([{ type: 'ask', peer: 'a' }])
})

test('a peer of which nothing can be taken is asked ever more seldom, up to a bound', () => {
  const events: (readonly [number, SyncEvent])[] = [[0, { type: 'connected', peer: 'a' }]]
  const pauses: number[] = []
  let now = 0
  const hinted = (): void => {
    events.push([now, { type: 'hint', peer: 'a' }])
    const [effect] = play(events).effects
    if (effect?.type !== 'ask') throw new TypeError('nobody is asked')
    pauses.push(effect.afterMs)
    now += effect.afterMs
  }
  for (let i = 0; i < 6; i++) {
    events.push([now, { type: 'answered', peer: 'a', ahead: [entry('x', 5)] }])
    events.push([now, { type: 'pulled', peer: 'a', progress: false }])
    hinted()
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, syncFruitlessMsMax])
  events.push([now, { type: 'answered', peer: 'a', ahead: [] }])
  hinted()
  expect(pauses.at(-1)).toBe(syncPauseMs)
})
