import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from '../../src/index.ts'
import { nodeFiles } from '../config/directory.ts'
import type { Answer, CommandContext } from './command.ts'

/** Longest wait for a node to end, and the pause between two looks, in ms. */
const stopMsMax = 60_000
const lookMs = 50

/**
 * Stops the node of a directory, and waits until another may start there. Fails with
 * `directory-in-use` where it does not come to an end.
 */
export async function stopNode({ directory, client, tell }: CommandContext): Promise<Answer> {
  await (await client()).call('stopNode')
  tell('the node is stopping ...')
  const { lock } = nodeFiles(directory)
  const end = Date.now() + stopMsMax
  while (existsSync(lock)) {
    if (Date.now() > end) {
      const message = `the node in ${directory} has not ended within ${stopMsMax / 1000} s`
      throw new Failure('directory-in-use', message)
    }
    await pause(lookMs)
  }
  return { value: { stopped: true }, text: 'stopped' }
}
