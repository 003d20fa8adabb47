import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** How a simulated time server answers, if not rightly. */
export type TimeServerFaults = {
  /** How far its clock is ahead. */
  readonly offsetMs?: number
  readonly stratum?: number
  /** 3 is a server that is not synchronised. */
  readonly leap?: number
  readonly mode?: number
  /** Answers another question. */
  readonly replays?: boolean
  /** Answers with so many bytes. */
  readonly bytes?: number
  /** Says that it may be off by so much, in s. */
  readonly dispersion?: number
  readonly silent?: boolean
  readonly timeless?: boolean
}

/** A time server of a test. */
export type TimeServer = {
  readonly address: string
  readonly questions: readonly Uint8Array[]
  /** Changes how it answers from now on. */
  readonly become: (faults: TimeServerFaults) => void
  close(): void
}

const secondsFrom1900 = 2_208_988_800

function writeTime(answer: Buffer, offset: number, at: number): void {
  const seconds = at / 1_000 + secondsFrom1900
  answer.writeUInt32BE(Math.floor(seconds) % 2 ** 32, offset)
  answer.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), offset + 4)
}

function answerTo(question: Buffer, now: number, faults: TimeServerFaults): Buffer {
  const { offsetMs = 0, stratum = 2, leap = 0, mode = 4, dispersion = 0.01 } = faults
  const answer = Buffer.alloc(48)
  answer.writeUInt8((leap << 6) | (4 << 3) | mode, 0)
  answer.writeUInt8(stratum, 1)
  answer.writeUInt32BE(0.02 * 65_536, 4)
  answer.writeUInt32BE(dispersion * 65_536, 8)
  answer.write(stratum === 0 ? 'RATE' : 'SIMU', 12, 'ascii')
  question.copy(answer, 24, 40, 48)
  if (faults.replays === true) answer.writeUInt8(answer.readUInt8(24) ^ 1, 24)
  writeTime(answer, 32, now + offsetMs)
  if (faults.timeless !== true) writeTime(answer, 40, now + offsetMs)
  return answer.subarray(0, faults.bytes ?? 48)
}

/** Starts a simulated time server on a free port of loopback; written apart from the client. */
export async function startTimeServer(
  first: TimeServerFaults = {},
  now: () => number = Date.now,
): Promise<TimeServer> {
  const socket: Socket = createSocket('udp4')
  const questions: Uint8Array[] = []
  let faults = first
  socket.on('message', (question, { address, port }) => {
    questions.push(question)
    if (faults.silent === true) return
    socket.send(answerTo(question, now(), faults), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    become: (next) => {
      faults = next
    },
    close: () => socket.close(),
  }
}
