import { describe, expect, test } from 'vitest'
import { networkLimits as limits } from '../../node/network/limits.ts'
import { initialWatch, watch } from '../../node/network/watchdog.ts'
import type { WatchedPeer } from '../../node/network/watchdog.ts'

const peer = (change: Partial<WatchedPeer> = {}): WatchedPeer => ({
  peer: 'a',
  connection: 'c1',
  direction: 'outbound',
  openedMs: 0,
  speaksGossip: true,
  reached: true,
  heardMs: 0,
  failedPings: 0,
  unsentBytes: 0,
  ...change,
})

/** Looks once a second; tells at which seconds which peer was closed and why. */
const looks = (seconds: number, see: (second: number) => readonly WatchedPeer[]): string[] => {
  let state = initialWatch(0)
  const closed: string[] = []
  for (let second = 1; second <= seconds; second++) {
    const step = watch(state, see(second), second * 1000, limits)
    state = step.state
    for (const [name, reason] of step.close) closed.push(`${second} ${name} ${reason}`)
  }
  return closed
}

describe('the watchdog', () => {
  test('leaves what works alone, however quiet', () => {
    const listener = peer({ peer: 'b', speaksGossip: false, reached: false })
    expect(looks(100, () => [peer(), listener])).toEqual([])
  })

  test('acts on silence first as the dialler, later as the one dialled, and backs off', () => {
    const dialled = [peer({ reached: false, direction: 'outbound' })]
    expect(looks(30, () => dialled)).toEqual([
      '3 a gossip-silent',
      '7 a gossip-silent-again',
      '15 a gossip-silent-again',
    ])
    const listening = [peer({ reached: false, direction: 'inbound' })]
    expect(looks(8, () => listening)).toEqual(['6 a gossip-silent'])
  })

  test('gives a new connection its time, and forgives what was mended', () => {
    const renewed = looks(30, (second) => [peer({ reached: false, connection: `${second >> 1}` })])
    expect(renewed).toEqual([])
    const mended = looks(95, (second) => [
      peer({ reached: second > 3 && second !== 60 && second < 90 }),
    ])
    expect(mended).toEqual(['3 a gossip-silent', '92 a gossip-silent'])
  })

  test('closes what never identifies itself, and what is dead by ping and by ear', () => {
    const unknown = [peer({ speaksGossip: undefined, reached: false })]
    expect(looks(16, () => unknown)).toEqual(['15 a not-identified'])
    expect(looks(20, () => [peer({ failedPings: 1 })])).toEqual([])
    const speaking = (second: number) => [peer({ failedPings: 9, heardMs: second * 1000 - 5000 })]
    expect(looks(20, speaking)).toEqual([])
    expect(looks(13, () => [peer({ failedPings: 2 })])).toEqual(['12 a lifeless'])
  })

  test('holds its own stall against nobody', () => {
    const dead = [peer({ failedPings: 2, reached: false })]
    const first = watch(initialWatch(0), dead, 1000, limits)
    const late = watch(first.state, dead, 60_000, limits)
    expect(late.close.size).toBe(0)
    expect(watch(late.state, dead, 61_000, limits).close.get('a')).toBe('lifeless')
  })

  test('cuts off the slowest readers until the rest fits', () => {
    const unsent = [40, 10, 30].map((mebibytes, place) =>
      peer({ peer: `p${place}`, unsentBytes: mebibytes * 1024 * 1024 }),
    )
    const { close } = watch(initialWatch(0), unsent, 1000, limits)
    expect([...close]).toEqual([['p0', 'slow-reader']])
  })
})
