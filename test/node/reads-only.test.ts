import type { Transform } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { httpGetsOnly } from '../../node/meters/http-gets-only.ts'
import { modbusReadsOnly } from '../../node/meters/sunspec/modbus-reads-only.ts'
import { mqttReadsOnly } from '../../node/meters/victron/mqtt-reads-only.ts'

/** What a guard lets through of some chunks, and the code with which it fails, if it does. */
async function passed(guard: Transform, chunks: readonly Uint8Array[]) {
  const out: Buffer[] = []
  guard.on('data', (chunk: Buffer) => out.push(chunk))
  const ended = new Promise<unknown>((resolve) => {
    guard.once('error', resolve)
    guard.once('end', () => resolve(undefined))
  })
  for (const chunk of chunks) if (!guard.destroyed) guard.write(chunk)
  if (!guard.destroyed) guard.end()
  const error = await ended
  return { bytes: Buffer.concat(out), code: error && Reflect.get(Object(error), 'code') }
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** A request whole, byte by byte, and twice in one chunk comes out as it went in. */
async function passes(guard: () => Transform, request: Buffer): Promise<void> {
  const whole = await passed(guard(), [request])
  expect(whole).toEqual({ bytes: request, code: undefined })
  const pieces = [...request].map((byte) => Uint8Array.of(byte))
  expect(await passed(guard(), pieces)).toEqual({ bytes: request, code: undefined })
}

async function refuses(guard: () => Transform, bytes: Buffer): Promise<void> {
  const refused = { bytes: Buffer.alloc(0), code: 'not-authorised' }
  expect(await passed(guard(), [bytes])).toEqual(refused)
}

describe('of Modbus', () => {
  test.each([1, 2, 3, 4])('function %d reads', async (code) => {
    const request = hex(`0001 0000 0006 01 0${code} 9c40 0002`)
    await passes(modbusReadsOnly, request)
    const twice = Buffer.concat([request, request])
    expect(await passed(modbusReadsOnly(), [twice])).toEqual({ bytes: twice, code: undefined })
  })

  test.each([
    ['writes a coil', '0001 0000 0006 01 05 0000 ff00'],
    ['writes a register', '0001 0000 0006 01 06 0000 0001'],
    ['writes registers', '0001 0000 0009 01 10 0000 0001 02 0000'],
    ['reads and writes', '0001 0000 000d 01 17 0000 0001 0000 0001 02 0000'],
    ['is a function of its own', '0001 0000 0006 01 64 0000 0001'],
    ['hides a second one in its length', '0001 0000 000c 01 03 0000 0001 0001 0000 0006'],
    ['is another protocol', '0001 0001 0006 01 03 0000 0001'],
  ])('what %s does not pass', async (_, text) => {
    await refuses(modbusReadsOnly, hex(text))
  })

  test('nothing passes after what did not', async () => {
    const read = hex('0001 0000 0006 01 03 9c40 0002')
    const write = hex('0002 0000 0006 01 06 0000 0001')
    const chunks = [Buffer.concat([read, write]), read]
    expect(await passed(modbusReadsOnly(), chunks)).toEqual({ bytes: read, code: 'not-authorised' })
  })
})

describe('of HTTP', () => {
  const guard = () => httpGetsOnly('/solar_api/')
  const ask = (line: string, ...fields: readonly string[]): Buffer =>
    Buffer.from([line, 'Host: 192.0.2.8', ...fields, '', ''].join('\r\n'))

  test('one page below the path is got', async () => {
    await passes(guard, ask('GET /solar_api/v1/GetInverterInfo.cgi HTTP/1.1', 'Connection: close'))
  })

  test.each([
    ['POST /solar_api/v1/x HTTP/1.1', ''],
    ['GET /config HTTP/1.1', ''],
    ['GET /solar_api/../config HTTP/1.1', ''],
    ['GET http://192.0.2.9/solar_api/ HTTP/1.1', ''],
    ['GET /solar_api/ HTTP/1.0', ''],
    ['GET /solar_api/v1/x HTTP/1.1', 'Content-Length: 3'],
    ['GET /solar_api/v1/x HTTP/1.1', 'transfer-encoding: chunked'],
    ['GET /solar_api/v1/x HTTP/1.1', 'Upgrade: websocket'],
  ])('%s %s does not pass', async (line, field) => {
    await refuses(guard, field === '' ? ask(line) : ask(line, field))
  })

  test('nothing passes behind it, and no head without an end', async () => {
    const first = ask('GET /solar_api/v1/x HTTP/1.1')
    const second = ask('GET /solar_api/v1/y HTTP/1.1')
    const both = { bytes: first, code: 'not-authorised' }
    expect(await passed(guard(), [first, second])).toEqual(both)
    expect(await passed(guard(), [Buffer.concat([first, second])])).toEqual(both)
    await refuses(guard, Buffer.alloc(3_000, 'GET /solar_api/'))
  })
})

describe('of MQTT', () => {
  const packet = (type: number, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from([type, body.length]), body])
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const connecting = (flags: number, ...rest: readonly Buffer[]): Buffer =>
    packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, flags, 0, 60]), text('me'), ...rest]))
  const publishing = (topic: string): Buffer => packet(0x30, text(topic))

  test.each([
    ['a connection', connecting(0x02)],
    ['a subscription', packet(0x82, Buffer.concat([hex('0001'), text('N/+/#'), hex('00')]))],
    ['the end of one', packet(0xa2, Buffer.concat([hex('0001'), text('N/+/#')]))],
    ['a request', publishing('R/c0ffee/keepalive')],
    ['a ping', hex('c000')],
    ['a farewell', hex('e000')],
  ])('%s passes', async (_, bytes) => {
    await passes(mqttReadsOnly, bytes)
  })

  test.each([
    ['a value to be set', publishing('W/c0ffee/settings/0/Settings/CGwacs/MaxFeedInPower')],
    ['a topic of another kind', publishing('N/c0ffee/x')],
    ['no topic', packet(0x30, Buffer.alloc(0))],
    ['a last will', connecting(0x06, text('W/c0ffee/x'), text('1'))],
    ['another version', packet(0x10, Buffer.concat([text('MQIsdp'), hex('03 02 003c')]))],
    ['an answer that only brokers give', hex('2002 0000')],
    ['a length without end', hex('30 ff ff ff ff')],
    ['a packet of a megabyte', hex('30 80 80 40')],
  ])('%s does not', async (_, bytes) => {
    await refuses(mqttReadsOnly, bytes)
  })
})
