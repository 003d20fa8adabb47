import { afterEach, describe, expect, test } from 'vitest'
import { agreedOffset } from '../../node/clock/marzullo.ts'
import { parseTimeServer } from '../../node/clock/parse-time-server.ts'
import { askTimeServer } from '../../node/clock/sntp-client.ts'
import { decodeAnswer, encodeQuestion } from '../../node/clock/sntp-packet.ts'
import { TimeServers } from '../../node/clock/time-servers.ts'
import { systemClock } from '../../node/system-clock.ts'
import { silentLog } from '../../node/silent-log.ts'
import { startTimeServer, type TimeServer, type TimeServerFaults } from '../support/time-server.ts'

let open: TimeServer[] = []
afterEach(() => {
  for (const server of open) server.close()
  open = []
})

async function serverThat(
  faults: TimeServerFaults = {},
  now: () => number = Date.now,
): Promise<TimeServer> {
  const server = await startTimeServer(faults, now)
  open.push(server)
  return server
}

const ask = ({ address }: TimeServer, waitMs?: number): ReturnType<typeof askTimeServer> =>
  askTimeServer(parseTimeServer(address), systemClock, waitMs)

/** Loopback and a busy machine: what a question may be off. */
const slackMs = 250

describe('a time server', () => {
  test.each([0, 90_000, -3_600_000])('that is %i ms ahead is found to be', async (offsetMs) => {
    const offset = await ask(await serverThat({ offsetMs }))
    expect(Math.abs(offset.offsetMs - offsetMs)).toBeLessThan(slackMs)
    // Half its distance from the root, its dispersion, and half the way.
    expect(offset.errorMs).toBeGreaterThanOrEqual(19.9)
    expect(offset.errorMs).toBeLessThan(20 + slackMs)
  })

  test('is not told what time it is here, and not asked twice with the same mark', async () => {
    const server = await serverThat()
    await ask(server)
    await ask(server)
    const marks = server.questions.map((bytes) => Buffer.from(bytes.subarray(40)).toString('hex'))
    expect(new Set(marks).size).toBe(2)
    for (const bytes of server.questions) {
      expect([...bytes.subarray(0, 40)]).toEqual([0x23, ...Array.from({ length: 39 }, () => 0)])
    }
  })

  test.each<[string, TimeServerFaults, string]>([
    ['sends us away', { stratum: 0 }, 'sends us away (RATE)'],
    ['is not synchronised', { leap: 3 }, 'knows no time'],
    ['is at no stratum', { stratum: 16 }, 'knows no time'],
    ['is a client', { mode: 3 }, 'not answer as a server'],
    ['tells no time', { timeless: true }, 'tells no time'],
    ['is quite uncertain', { dispersion: 6 }, 'too uncertain'],
  ])('that %s tells no time', async (_what, faults, words) => {
    await expect(ask(await serverThat(faults))).rejects.toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining(words),
    })
  })

  test.each<[string, TimeServerFaults]>([
    ['says nothing', { silent: true }],
    ['answers another question', { replays: true, offsetMs: 90_000 }],
    ['answers too little', { bytes: 47 }],
  ])('that %s is as good as none', async (_what, faults) => {
    await expect(ask(await serverThat(faults), 200)).rejects.toMatchObject({
      code: 'source-unavailable',
    })
  })

  test('that is not there is as good as none', async () => {
    const gone = await startTimeServer()
    gone.close()
    await expect(ask(gone, 2_000)).rejects.toMatchObject({ code: 'source-unavailable' })
  })

  test('is asked at port 123 unless another is named', () => {
    expect(parseTimeServer('ntp.example')).toEqual({ host: 'ntp.example', port: 123 })
    expect(parseTimeServer('192.0.2.1:1230')).toEqual({ host: '192.0.2.1', port: 1230 })
    expect(parseTimeServer('[2001:db8::1]:123')).toEqual({ host: '2001:db8::1', port: 123 })
    expect(() => parseTimeServer('two words')).toThrow('HOST:PORT')
  })

  test('goes on after the year 2036', () => {
    const answer = encodeQuestion(new Uint8Array(8))
    answer[0] = 0x24
    answer[1] = 1
    const view = new DataView(answer.buffer)
    view.setUint32(32, 0)
    view.setUint32(40, 1)
    const { receivedAt, sentAt } = decodeAnswer(answer)
    expect(new Date(receivedAt).toISOString()).toBe('2036-02-07T06:28:16.000Z')
    expect(sentAt - receivedAt).toBe(1_000)
  })
})

describe('several clocks', () => {
  const clock = (offsetMs: number, errorMs = 10): { offsetMs: number; errorMs: number } => ({
    offsetMs,
    errorMs,
  })

  test('outvote one that lies', () => {
    const agreed = agreedOffset([clock(0), clock(5), clock(-4), clock(90_000)])
    expect(agreed).toEqual({ offsetMs: 0.5, errorMs: 5.5 })
  })

  test('agree where they touch', () => {
    expect(agreedOffset([clock(0), clock(20)])).toEqual({ offsetMs: 10, errorMs: 0 })
    expect(agreedOffset([clock(0), clock(21)])).toBeUndefined()
  })

  test('agree on nothing where no more than half of those asked do', () => {
    expect(agreedOffset([])).toBeUndefined()
    expect(agreedOffset([clock(0)])).toEqual(clock(0))
    expect(agreedOffset([clock(0)], 2)).toBeUndefined()
    expect(agreedOffset([clock(0), clock(1)], 3)).toMatchObject({ offsetMs: 0.5 })
    expect(agreedOffset([clock(0), clock(1), clock(99), clock(100)])).toBeUndefined()
  })
})

describe('the time servers of a node', () => {
  type Told = [offsetMs: number, validMs: number]

  function serversOf(servers: readonly TimeServer[]): { asked: TimeServers; told: Told[] } {
    const told: Told[] = []
    const asked = new TimeServers({
      servers: servers.map(({ address }) => address),
      clock: systemClock,
      random: { next: () => 0 },
      log: silentLog,
      agreed: (...agreed) => void told.push(agreed),
      waitMs: 300,
    })
    return { asked, told }
  }

  test('are believed by their majority', async () => {
    const servers = [
      await serverThat(),
      await serverThat({ offsetMs: 90_000 }),
      await serverThat({ offsetMs: 3 }),
    ]
    const { asked, told } = serversOf(servers)
    await asked.ask()
    expect(told).toHaveLength(1)
    expect(Math.abs(told[0]?.[0] ?? Infinity)).toBeLessThan(slackMs)
    expect(told[0]?.[1]).toBe(3_072_000)
    expect(asked.view().map(({ failure }) => failure)).toEqual([null, null, null])
    servers[0]?.become({ silent: true })
    expect(await asked.ask()).toBeUndefined()
    expect(told).toHaveLength(1)
    expect(asked.view()[0]).toMatchObject({ failure: expect.stringContaining('no time from') })
  })

  test('are not asked where none are named', () => {
    const { asked } = serversOf([])
    asked.start()
    expect(asked.view()).toEqual([])
    asked.stop()
  })
})
