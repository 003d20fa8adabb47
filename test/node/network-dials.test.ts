import { describe, expect, test } from 'vitest'
import {
  afterConnect,
  afterDisconnect,
  afterFailure,
  chooseDials,
} from '../../node/network/dial-list.ts'
import type { DialKind, DialTarget, DialView } from '../../node/network/dial-list.ts'
import { networkLimits as limits } from '../../node/network/limits.ts'

const target = (kind: DialKind, change: Partial<DialTarget> = {}): DialTarget => ({
  kind,
  failures: 0,
  notBeforeMs: 0,
  dialling: false,
  ...change,
})
const view = (change: Partial<DialView> = {}): DialView => ({
  nowMs: 1000,
  connections: 0,
  connectionsMax: 100,
  outboundPeers: 0,
  isConnected: () => false,
  isRefused: () => false,
  ...change,
})
const targets = (...list: readonly (readonly [string, DialTarget])[]) => new Map(list)

describe('the dial list', () => {
  test('dials members and bootstrap nodes always, others while outbound ones are few', () => {
    const all = targets(
      ...['k1', 'k2', 'k3'].map((peer) => [peer, target('known', { peer })] as const),
      ['/ip4/1', target('bootstrap', { address: '/ip4/1' })],
      ['m', target('member', { peer: 'm' })],
    )
    expect(chooseDials(all, view(), limits)).toEqual(['m', '/ip4/1', 'k1', 'k2'])
    const enough = view({ outboundPeers: 4 })
    expect(chooseDials(all, enough, limits)).toEqual(['m', '/ip4/1'])
    expect(chooseDials(all, view({ outboundPeers: 1 }), limits)).toEqual(['m', '/ip4/1', 'k1'])
  })

  test('leaves out who is connected, refused, dialled, or not due', () => {
    const all = targets(
      ['in', target('member', { peer: 'in' })],
      ['out', target('member', { peer: 'out' })],
      ['busy', target('member', { peer: 'busy', dialling: true })],
      ['/ip4/2', target('bootstrap', { peer: 'busy', address: '/ip4/2' })],
      ['later', target('member', { peer: 'later', notBeforeMs: 1001 })],
      ['due', target('member', { peer: 'due', notBeforeMs: 1000 })],
    )
    const seen = view({ isConnected: (peer) => peer === 'in', isRefused: (peer) => peer === 'out' })
    expect(chooseDials(all, seen, limits)).toEqual(['due'])
  })

  test('keeps within the dials and the connections there may be', () => {
    const many = Array.from({ length: 50 }, (_, n) => `m${n}`)
    const all = targets(...many.map((peer) => [peer, target('member', { peer })] as const))
    expect(chooseDials(all, view(), limits)).toHaveLength(limits.dialsMax)
    const full = view({ connections: 98 })
    expect(chooseDials(all, full, limits)).toEqual(['m0', 'm1'])
    expect(chooseDials(all, view({ connections: 100 }), limits)).toEqual([])
  })

  test('waits longer after each failure, never more than its cap, and never gives up', () => {
    let lost = target('member', { peer: 'm' })
    const waits: number[] = []
    for (let n = 0; n < 62; n++) {
      lost = afterFailure(lost, 'refused', 0, 0.5, limits)
      waits.push(lost.notBeforeMs)
    }
    expect(waits.slice(0, 6)).toEqual([250, 500, 1000, 2000, 4000, 4000])
    expect(waits.slice(59)).toEqual([4000, 30_000, 30_000])
    expect(lost).toMatchObject({ failures: 62, lastFailure: 'refused', dialling: false })
    expect(afterFailure(lost, '', 0, 0, limits).notBeforeMs).toBe(22_500)
  })

  test('forgives failures after a connection that lasted, and only then', () => {
    const failed = target('member', { peer: 'm', failures: 5 })
    const connected = afterConnect({ ...failed, lastFailure: 'refused' }, 'm', 1000)
    expect(connected.lastFailure).toBeUndefined()
    expect(afterDisconnect(connected, 3000, 0.5, limits)).toMatchObject({ failures: 6 })
    const lasted = afterDisconnect(connected, 11_000, 0.5, limits)
    expect(lasted).toMatchObject({ failures: 0, notBeforeMs: 11_125 })
    expect(lasted.connectedSinceMs).toBeUndefined()
  })
})
