import { expect, test } from 'vitest'
import {
  emptyTrust,
  type RecordId,
  type SocietyKey,
  type TrustState,
} from '../../protocol/index.ts'
import { mayAdmit, membershipOf } from '../../src/membership/membership.ts'

const key = (digit: string): SocietyKey => digit.repeat(64) as SocietyKey
const [self, friend, other, stranger] = ['1', '2', '3', '4'].map(key) as [
  SocietyKey,
  SocietyKey,
  SocietyKey,
  SocietyKey,
]
const record = 'x:0' as RecordId

function trust(society: SocietyKey, changes: Partial<TrustState> = {}): TrustState {
  const founding = { id: record, name: 'n', federation: 'f', adp: 0 }
  return { ...emptyTrust(society), founding, joined: record, ...changes }
}

const look = (trusts: readonly TrustState[], bootstrapPeers: readonly string[] = []) =>
  membershipOf({
    self,
    federation: 'f',
    now: 1_000,
    bootstrapPeers: new Set(bootstrapPeers),
    trusts,
    convicted: [],
    foundedOpen: false,
  })

test('alone with oneself', () => {
  const { members, applicants } = look([trust(self), trust(stranger)])
  expect([...members]).toEqual([self])
  expect([...applicants]).toEqual([stranger])
})

test('whom a member admits is a member, and whom that one admits (R72)', () => {
  const admits = (whom: SocietyKey) => new Map([[whom, { join: record, at: 0 }]])
  const trusts = [
    trust(self, { admitted: admits(friend) }),
    trust(friend, { admitted: admits(other) }),
    trust(other),
    trust(stranger, { admitted: admits(self) }),
  ]
  expect(look(trusts).members).toEqual(new Set([self, friend, other]))
})

test('the society of a node to start from is a member while its certificate lasts (R72)', () => {
  const nodes = (until: number) => new Map([['peer-of-friend', until]])
  const starts = ['peer-of-friend']
  expect(look([trust(self), trust(friend, { nodes: nodes(1_000) })], starts).members.size).toBe(2)
  expect(look([trust(self), trust(friend, { nodes: nodes(999) })], starts).members.size).toBe(1)
  expect(look([trust(self), trust(friend, { nodes: nodes(1_000) })]).members.size).toBe(1)
})

test('another federation’s societies are nobody here', () => {
  const founding = { id: record, name: 'n', federation: 'elsewhere', adp: 0 }
  const foreign = trust(friend, { founding, nodes: new Map([['p', 9_999]]) })
  const { members, applicants, societyOfPeer } = look([trust(self), foreign], ['p'])
  expect([members.size, applicants.size, societyOfPeer.size]).toEqual([1, 0, 0])
})

test('in an open federation whoever has joined is a member (R72)', () => {
  const open = trust(self, { policy: { ...emptyTrust(self).policy, admission: 1 } })
  const outsider = trust(stranger, { joined: null })
  expect(look([open, trust(friend), outsider]).members).toEqual(new Set([self, friend]))
})

test('who may admit others: the first to join, and whom another member admits (R38, R78)', () => {
  const at = (joinedAt: number, changes: Partial<TrustState> = {}) => ({ joinedAt, ...changes })
  const admitting = { admitted: new Map([[self, { join: record, at: 0 }]]) }
  const may = (trusts: readonly TrustState[], members: readonly SocietyKey[] = [self, friend]) =>
    mayAdmit(self, { members: new Set(members) }, trusts)
  expect(may([trust(self, at(5))])).toBe(true)
  expect(may([trust(self, { joined: null })])).toBe(false)
  expect(may([trust(self, at(5)), trust(friend, at(6))])).toBe(true)
  expect(may([trust(self, at(5)), trust(friend, at(5))])).toBe(true)
  expect(may([trust(self, at(5)), trust(friend, at(4))])).toBe(false)
  expect(may([trust(self, at(5)), trust(friend, at(4, admitting))])).toBe(true)
  const begun = at(5, { admitted: new Map([[other, { join: record, at: 0 }]]) })
  expect(may([trust(self, begun), trust(friend, at(4))])).toBe(true)
  // Who is no member itself says nothing.
  expect(may([trust(self, at(5)), trust(friend, at(4)), trust(other, admitting)])).toBe(false)
  expect(may([trust(self, at(5)), trust(stranger, at(4))], [self])).toBe(true)
  const { policy } = emptyTrust(self)
  const open = { policy: { ...policy, admission: 1 } }
  expect(may([trust(self, at(5, open)), trust(friend, at(4))])).toBe(true)
})
