import { canonicalJson, decodeBackingFile, type SocietyKey } from '../../../protocol/index.ts'
import { Failure, replayBacking, type Replica } from '../../../src/index.ts'
import type { Verifier } from '../../../src/index.ts'
import { physics } from '../../plausibility/physics.ts'
import type { Victim } from './torture-world.ts'
import { silentLog } from '../../silent-log.ts'

/** What is wrong with the file of one node's answer about a society; null for nothing. */
async function unrepeatable(
  replica: Replica,
  society: SocietyKey,
  verifier: Verifier,
  isWindow: boolean,
): Promise<string | null> {
  try {
    const { view, content } = await replica.exportBacking(society)
    const file = decodeBackingFile(content)
    if (!file.ok) return file.message
    const again = await replayBacking(file.value, {
      verifier,
      log: silentLog,
      plausibility: physics,
    })
    const [said, found] = [canonicalJson(view), canonicalJson(again.view)]
    return said === found ? null : `${said} became ${found}`
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // Who keeps a window says so, and answers with nothing less.
    if (error.code === 'history-dropped' && isWindow) return null
    return `${error.code}: ${error.message}`
  }
}

/**
 * What is wrong with answers about backing: each society is asked about once, of another's node,
 * and the answer has to be found again from nothing but its file. Null for nothing.
 */
export async function unrepeatableAnswer(
  victims: readonly Victim[],
  verifier: Verifier,
): Promise<string | null> {
  for (const [i, { key, name }] of victims.entries()) {
    const asked = victims[(i + 1) % victims.length]
    if (asked === undefined || asked.replica === null) continue
    const wrong = await unrepeatable(asked.replica, key, verifier, asked.history === 'window')
    if (wrong !== null) return `what ${asked.name} says of ${name}'s backing: ${wrong}`
  }
  return null
}
