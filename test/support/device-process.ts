import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A device simulator that runs as the program that it is. */
export type DeviceProcess = {
  readonly child: ChildProcess
  readonly port: number
  /** The first line that it wrote. */
  readonly line: Readonly<Record<string, unknown>>
}

const running = new Set<ChildProcess>()

/** Starts a program of `node/devices/` on a free port and waits until it listens. */
export async function startDevice(
  program: string,
  ...flags: readonly string[]
): Promise<DeviceProcess> {
  const path = new URL(`../../node/devices/${program}.ts`, import.meta.url).pathname
  const child = spawn(process.execPath, [path, '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const ended = once(child, 'exit').then(([code]) => {
    throw new RangeError(`${program} ${flags.join(' ')} ended with ${code}`)
  })
  const [text] = await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  ended.catch(() => undefined)
  const line: { listening: { port: number } } = JSON.parse(String(text))
  return { child, port: line.listening.port, line }
}

/** Ends every device that still runs, and waits until they are gone. */
export async function stopDevices(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }),
  )
}
