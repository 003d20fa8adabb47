import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sourceIdLengthMax } from '../../protocol/limits.ts'
import {
  canonicalSourceId,
  parseSourceId,
  sourceTypes,
  type SourceType,
} from '../../protocol/energy/source-id.ts'

const invalid = expect.objectContaining({ code: 'invalid-source' })

describe('a source id (R58)', () => {
  test.each([
    ['solar:test:x1', 'solar', 'test', 'x1'],
    ['solar:sunspec:sma-3001234567', 'solar', 'sunspec', 'sma-3001234567'],
    ['grid:test:meter-1', 'grid', 'test', 'meter-1'],
    ['grid:test:m1', 'grid', 'test', 'm1'],
    ['human:test:ada', 'human', 'test', 'ada'],
    ['battery:test:b1', 'battery', 'test', 'b1'],
    ['compute:test:gpu-1', 'compute', 'test', 'gpu-1'],
    ['wind:p1:a_b.c-2', 'wind', 'p1', 'a_b.c-2'],
  ])('%s is taken apart', (text, type, scheme, value) => {
    expect(parseSourceId(text)).toEqual({ type, scheme, value })
  })

  test.each([
    ['one part', 'solar'],
    ['two parts', 'solar:test'],
    ['four parts', 'solar:test:a:b'],
    ['an unknown type', 'nuclear:test:x1'],
    ['a type inherited by every object', 'constructor:test:x1'],
    ['no scheme', 'solar::x1'],
    ['an upper-case scheme', 'solar:Test:x1'],
    ['no value', 'solar:test:'],
    ['upper case', 'solar:test:X1'],
    ['a space before', 'solar:test: x1'],
    ['a line break behind', 'solar:test:x1\n'],
    ['a dash at the end', 'solar:test:x1-'],
    ['two dashes', 'solar:test:x--1'],
    ['a letter that is not ASCII', 'solar:test:zähler'],
    ['a sign that only looks like k', 'solar:test:\u{212a}1'],
  ])('with %s is invalid', (_, text) => {
    expect(parseSourceId(text)).toEqual(invalid)
  })

  test('may have as many characters as the limit says and no more', () => {
    const value = 'x'.repeat(sourceIdLengthMax - 'solar:test:'.length)
    expect(parseSourceId(`solar:test:${value}`)).toMatchObject({ value })
    expect(parseSourceId(`solar:test:${value}x`)).toEqual(invalid)
    expect(canonicalSourceId('solar', 'test', `${value}x`)).toEqual(invalid)
  })

  test('in another spelling is refused with the canonical one in the message', () => {
    expect(parseSourceId('solar:test:SMA x1')).toMatchObject({
      message: expect.stringContaining('solar:test:sma-x1'),
    })
  })
})

describe('a serial number (R58)', () => {
  test.each([
    ['SMA-3001', 'sma-3001'],
    ['  3001-A \0', '3001-a'],
    ['Fronius International / 28.1', 'fronius-international-28.1'],
    ['a -- b', 'a-b'],
    ['(x)', 'x'],
    ['\u{130}X1', 'x1'],
    ['GPU-8f6d_0', 'gpu-8f6d_0'],
  ])('%j becomes %s', (value, canonical) => {
    expect(canonicalSourceId('solar', 'test', value)).toBe(`solar:test:${canonical}`)
  })

  const said = [
    '| |-|...|\0|0|7|0000000000|1111|9999999|n/a|N/A|none|Unknown|123456789',
    'Default string|DEFAULT STRING|To be filled by O.E.M.|To Be Filled By OEM|Not Present|123456',
    'System Serial Number|Base Board Serial Number',
    '16777215|0xFFFFFF|ffffff|FF-FF-FF-FF-FF-FF|65535|4294967295|-2147483648|0x0|00-00-00-00|0.0.0',
  ]
  test.each(said.flatMap((line) => line.split('|')))('%j is a placeholder', (value) => {
    expect(canonicalSourceId('solar', 'test', value)).toEqual(invalid)
    expect(parseSourceId(`solar:test:${value}`)).toEqual(invalid)
  })

  test.each(['01', '112', '10', '1.1', 'f', 'b1', '16777216', 'n', 'sn1', 'sim-0', '0x1f'])(
    '%s is a real one',
    (value) => {
      expect(parseSourceId(`solar:test:${value}`)).toMatchObject({ value })
    },
  )
})

const isInvalid = (answer: object): boolean => 'code' in answer && answer.code === 'invalid-source'

function isStable(type: SourceType, said: string): boolean {
  const id = canonicalSourceId(type, 'sunspec', said)
  if (typeof id !== 'string') return isInvalid(id)
  const parts = parseSourceId(id)
  return 'value' in parts && canonicalSourceId(type, 'sunspec', parts.value) === id
}

test('every canonical id parses into itself, whatever the device says', () => {
  const device = fc.string({ unit: 'binary', maxLength: 64 })
  fc.assert(
    fc.property(fc.constantFrom(...sourceTypes), device, (type, said) => {
      expect(isStable(type, said)).toBe(true)
    }),
  )
})

function isRefusedOrItsParts(text: string): boolean {
  const parts = parseSourceId(text)
  if ('code' in parts) return isInvalid(parts)
  return `${parts.type}:${parts.scheme}:${parts.value}` === text
}

test('whatever text is given, it is refused or is its own parts', () => {
  const pieces = fc.constantFrom('solar', 'grid', ':', 'test', 'x', '1', '-', '.', 'X', ' ', '0')
  const text = fc.array(pieces, { maxLength: 10 }).map((chosen) => chosen.join(''))
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary', maxLength: 200 })), (given) => {
      expect(isRefusedOrItsParts(given)).toBe(true)
    }),
  )
})
