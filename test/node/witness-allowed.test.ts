import { describe, expect, test } from 'vitest'
import { Allowed, isAllowEntry } from '../../node/witness/allowed.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  'inverter.example': ['192.0.2.7'],
  'sly.example': ['127.0.0.1'],
  'both.example': ['10.0.0.5', '192.0.2.8'],
  'metadata.example': ['169.254.169.254'],
  'six.example': ['::1', 'fe80::1', '64:ff9b::7f00:1'],
}
let asked: string[] = []
const lookup = async (name: string): Promise<readonly string[]> => {
  asked.push(name)
  const found = names[name]
  if (found === undefined) throw new RangeError('ENOTFOUND')
  return found
}

const find = (list: readonly string[], host: string, port = 502) => {
  asked = []
  return new Allowed(list, lookup).find({ host, port })
}

describe('a witness dials', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1:502'],
    ['127.0.0.1', '127.0.0.0/8:*'],
    ['10.1.2.3', '10.0.0.0/8:502'],
    ['203.0.113.9', '203.0.113.9:502'],
    ['2001:db8::9', '[2001:db8::/32]:502'],
    ['::ffff:10.1.2.3', '10.0.0.0/8:502'],
  ])('%s where %s is listed', async (host, entry) => {
    expect(await find([entry], host)).toBe(host)
  })

  test.each([
    ['127.0.0.1', []],
    ['203.0.113.9', []],
    ['203.0.113.9', ['203.0.113.8:502']],
    ['203.0.113.9', ['203.0.113.9:503']],
    ['11.0.0.1', ['10.0.0.0/8:502']],
    ['::1', ['127.0.0.0/8:*']],
    // Not addresses, however they would be understood.
    ['2130706433', ['127.0.0.0/8:*']],
    ['0x7f.1', ['127.0.0.0/8:*']],
    ['localhost', ['127.0.0.0/8:*']],
  ])('not %s where %j is', async (host, list) => {
    expect(await find(list, host)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('a name that is listed at its public address alone', async () => {
    expect(await find(['Inverter.example:502'], 'inverter.EXAMPLE')).toBe('192.0.2.7')
    expect(await find(['both.example:502'], 'both.example')).toBe('192.0.2.8')
    expect(await find(['both.example:502', '10.0.0.0/8:502'], 'both.example')).toBe('10.0.0.5')
    expect(await find(['gone.example:502'], 'gone.example')).toBeUndefined()
    for (const name of ['sly.example', 'metadata.example', 'six.example']) {
      expect(await find([`${name}:502`], name)).toBeUndefined()
    }
  })

  test('no name that is not, which is not even looked up', async () => {
    expect(await find(['192.0.2.0/24:502'], 'inverter.example')).toBeUndefined()
    expect(asked).toEqual([])
  })
})

test.each([
  ['192.0.2.7:502', true],
  ['[2001:db8::1]:*', true],
  ['inverter-1.example:802', true],
  ['192.0.2.7', false],
  ['192.0.2.7:0', false],
  ['192.0.2.7:65536', false],
  ['192.0.2.0/33:502', false],
  ['192.0.2.0/2/4:502', false],
  ['name/24:502', false],
  ['2001:db8::1:502', false],
  ['*:502', false],
  ['', false],
])('%j may be listed: %s', (text, expected) => {
  expect(isAllowEntry(text)).toBe(expected)
  if (!expected) expect(() => new Allowed([text])).toThrow('is no HOST:PORT')
})
