import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from '../../src/index.ts'
import { NoAnswer } from '../client/index.ts'
import { nodeFiles } from '../config/directory.ts'
import { lookAtLock } from '../store/directory-lock.ts'
import type { Answer, CommandContext } from './command.ts'

/** Longest wait for a node to end, and the pause between two looks, in ms. */
const stopMsMax = 60_000
/** Longest wait for it to take notice, in ms: it does under any load. */
const stopAnswerMsMax = 20_000
const lookMs = 50

/** The failure of a node that hangs, with what ends it all the same. */
async function notEnded(directory: string, what: string): Promise<Failure> {
  const lock = await lookAtLock(directory)
  const pid = lock.state === 'held' ? String(lock.pid) : 'PID'
  const how = `end it with kill -9 ${pid}, which loses nothing`
  return new Failure('directory-in-use', `the node in ${directory} ${what}; ${how}`)
}

/**
 * Stops the node of a directory, and waits until another may start there. Fails with
 * `directory-in-use` where it does not come to an end, with
 * what does.
 */
export async function stopNode(
  { directory, client, tell }: Pick<CommandContext, 'directory' | 'client' | 'tell'>,
  answerMsMax: number = stopAnswerMsMax,
): Promise<Answer> {
  try {
    await (await client()).within(answerMsMax).call('stopNode')
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    throw await notEnded(directory, 'does not answer')
  }
  tell('the node is stopping ...')
  const { lock } = nodeFiles(directory)
  const end = Date.now() + stopMsMax
  while (existsSync(lock)) {
    if (Date.now() > end) {
      throw await notEnded(directory, `has not ended within ${stopMsMax / 1000} s`)
    }
    await pause(lookMs)
  }
  return { value: { stopped: true }, text: 'stopped' }
}
