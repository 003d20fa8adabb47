import { existsSync } from 'node:fs'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { nodeFiles } from '../config/directory.ts'
import { directoryFileBytesMax } from '../config/limits.ts'
import { readTextFile, replaceFile } from '../store/durable-file.ts'

/** When a backup was last made and last read to its end, in ms since 1970; null for never. */
export type BackupsNoted = { readonly madeAt: number | null; readonly verifiedAt: number | null }

const instant = Type.Union([Type.Integer(), Type.Null()])
const schema = Type.Object({ madeAt: instant, verifiedAt: instant })

/** What was noted of backups in a node's directory; a file that cannot be read tells nothing. */
export async function notedBackups(directory: string): Promise<BackupsNoted> {
  const text = await readTextFile(nodeFiles(directory).backups, directoryFileBytesMax)
  try {
    const noted: unknown = JSON.parse(text ?? '')
    if (Value.Check(schema, noted)) return noted
  } catch {
    // As where there is none.
  }
  return { madeAt: null, verifiedAt: null }
}

/** Notes that a backup was made or read; nothing where there is no node's directory. */
export async function noteBackup(directory: string, what: keyof BackupsNoted): Promise<void> {
  const { backups, key } = nodeFiles(directory)
  if (!existsSync(key)) return
  const noted = { ...(await notedBackups(directory)), [what]: Date.now() }
  await replaceFile(backups, `${JSON.stringify(noted)}\n`)
}
