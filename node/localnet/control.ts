import { once } from 'node:events'
import { chmod, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { Failure } from '../../src/index.ts'
import {
  controlLineMax,
  controlSocket,
  type ControlAnswer,
  type ControlProgress,
  type ControlRequest,
} from './control-place.ts'

const ownerOnly = 0o600

/** A local network that listens to commands. */
export type Control = { close(): Promise<void> }

/** Does what a request asks for, telling how far it is; fails with a `Failure` if it cannot. */
export type Act = (
  request: ControlRequest,
  tell: (line: string) => void,
) => Promise<Extract<ControlAnswer, { text: string }>>

async function isHeard(path: string): Promise<boolean> {
  const socket = createConnection(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function requestOf(line: string): ControlRequest {
  const { action, names } = JSON.parse(line) as Partial<ControlRequest>
  if (typeof action !== 'string' || !Array.isArray(names)) {
    throw new Failure('malformed', 'a request has an action and names')
  }
  return { action, names: names.map(String) }
}

async function answerTo(
  line: string,
  act: Act,
  tell: (line: string) => void,
): Promise<ControlAnswer> {
  try {
    return await act(requestOf(line), tell)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof Failure ? error.code : 'internal'
    return { error: { code, message } }
  }
}

/** Reads one line from each who connects, tells how far it is, and answers with the last line. */
function serve(act: Act, sockets: Set<Socket>): Server {
  // One after the other: a partition is no place for a restart to begin in.
  let last: Promise<unknown> = Promise.resolve()
  return createServer({ allowHalfOpen: true }, (socket: Socket) => {
    let text = ''
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const hear = (chunk: string): void => {
      text += chunk
      if (text.length > controlLineMax) socket.destroy()
      const end = text.indexOf('\n')
      if (end < 0) return
      socket.off('data', hear).resume()
      const say = (said: ControlAnswer | ControlProgress): string => `${JSON.stringify(said)}\n`
      const tell = (progress: string): void => void socket.write(say({ progress }))
      const answered = last.then(() => answerTo(text.slice(0, end), act, tell))
      last = answered
      void answered.then((answer) => socket.end(say(answer)))
    }
    socket.setEncoding('utf8').on('data', hear)
  })
}

/**
 * Listens for commands at this user's place; undefined where another local network does already,
 * which goes on hearing them.
 */
export async function openControl(act: Act): Promise<Control | undefined> {
  const path = await controlSocket()
  if (await isHeard(path)) return undefined
  // What a killed one left behind.
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  const server = serve(act, sockets)
  server.listen(path)
  await once(server, 'listening')
  await chmod(path, ownerOnly)
  return {
    async close() {
      const closed = once(server, 'close')
      // Node removes the socket's name.
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
