import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../../../src/index.ts'
import type { BackupContent } from '../../backup/restore.ts'
import { counted } from '../../counted.ts'
import { syncFolder } from '../../store/durable-file.ts'
import { fileReason } from '../../store/file-failure.ts'
import { textOf, type Command, type CommandContext, type Given } from '../command.ts'
import { NoNode } from '../../client/index.ts'
import { checkReplaceable } from '../replaceable.ts'
import { onlyNode } from '../only-node.ts'
import { columns } from '../text.ts'

const passphraseFile = {
  name: 'passphrase-file',
  value: 'FILE',
  summary: 'read the passphrase from a file (or set SOCIETY_PASSPHRASE)',
}

/** The bytes of a backup: from the node that runs, else from the directory itself. */
async function* bytesOf(
  { client, directory }: CommandContext,
  passphrase: string | null,
): AsyncGenerator<Uint8Array> {
  let api
  try {
    api = await client()
  } catch (error) {
    if (!(error instanceof NoNode)) throw error
  }
  if (api !== undefined) {
    yield* api.bytes('POST', '/v1/backup', { passphrase })
    return
  }
  const { backupOfStopped } = await import('../../backup/stopped.ts')
  yield* backupOfStopped(directory, passphrase)
}

async function backUp(given: Given, context: CommandContext): Promise<string> {
  const file = textOf(given, 'file') ?? ''
  await checkReplaceable(file)
  const { passphraseToSeal } = await import('../passphrase.ts')
  const passphrase = await passphraseToSeal(given, context.directory)
  if (passphrase === null) {
    context.tell('the backup is not encrypted, as the key is not: whoever reads it can sign')
  }
  const unfinished = `${file}.part`
  let bytes = 0
  const counting = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of bytesOf(context, passphrase)) {
      bytes += piece.length
      yield piece
    }
  }
  try {
    // What a backup that was cut off left, or somebody else put there, is not written into.
    await rm(unfinished, { force: true })
    const writing = createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true })
    await pipeline(counting(), writing)
    await rename(unfinished, file)
    await syncFolder(dirname(file))
  } catch (cause) {
    await rm(unfinished, { force: true })
    const reason = fileReason(cause)
    if (reason === undefined) throw cause
    throw new Failure('file-refused', `${file} cannot be written: ${reason}`, { cause })
  }
  return String(bytes)
}

async function passphraseOf(given: Given, file: string): Promise<string | null> {
  const [{ isEncrypted }, { passphraseToRead }] = await Promise.all([
    import('../../backup/sealed.ts'),
    import('../passphrase.ts'),
  ])
  return (await isEncrypted(file)) ? passphraseToRead(given) : null
}

/** Backups: made, checked and brought back. */
export const backupCommands: readonly Command[] = [
  {
    words: 'backup',
    summary: 'write keys, configuration and ledger into one encrypted file',
    example: 'society backup ~/society.backup',
    arguments: [{ name: 'file', summary: 'where to write it; replaced if it is there' }],
    options: [passphraseFile],
    async run(given, context) {
      const bytes = Number(await backUp(given, context))
      const { noteBackup } = await import('../../backup/noted.ts')
      await noteBackup(context.directory, 'madeAt')
      const { lackingOf } = await import('../../backup/backup.ts')
      const lacking = await lackingOf(context.directory)
      const value = { file: textOf(given, 'file'), bytes, lacking }
      const rows = [[`${value.file}`, counted(bytes, 'byte')], ...lackingRows(lacking)]
      return { value, text: columns(rows) }
    },
  },
  {
    words: 'backup verify',
    summary: 'read a backup to its end and check every document in it',
    example: 'society backup verify ~/society.backup',
    arguments: [{ name: 'file', summary: 'a backup' }],
    options: [passphraseFile],
    async run(given, { directory, tell }) {
      const [{ verifyBackup }, { noteBackup }] = await Promise.all([
        import('../../backup/restore.ts'),
        import('../../backup/noted.ts'),
      ])
      const file = textOf(given, 'file') ?? ''
      tell('reading the backup ...')
      const value = await verifyBackup(file, await passphraseOf(given, file))
      await noteBackup(directory, 'verifiedAt')
      return { value, text: described(value) }
    },
  },
  {
    words: 'restore',
    summary: 'make the directory of a node from a backup',
    example: 'society restore ~/society.backup --dir ~/.society',
    arguments: [{ name: 'file', summary: 'a backup' }],
    options: [passphraseFile],
    async run(given, { directory, tell }) {
      const { restoreBackup } = await import('../../backup/restore.ts')
      const file = textOf(given, 'file') ?? ''
      tell('reading the backup ...')
      const content = await restoreBackup(file, await passphraseOf(given, file), directory)
      const next = `society start --dir ${directory}`
      const value = { ...content, directory, next }
      return { value, text: described(content, [onlyNode, ['next', next]]) }
    },
  },
  {
    words: 'resume',
    summary: 'have a restored node sign again: nobody has anything newer of this society',
    example: 'society resume',
    async run(_given, { client }) {
      const value = await (await client()).call('resumeSigning')
      return { value, text: value.resumed ? 'signing again' : 'it was not waiting' }
    },
  },
]

/** What a backup cannot bring back, and who can. */
const lackingRows = (lacking: readonly string[]): readonly (readonly string[])[] =>
  lacking.map((name) => ['not in it', `${name}, which devices in config.yaml names: keep a copy`])

function described(
  { id, societies, documents, changes, records, lacking }: BackupContent,
  more: readonly (readonly string[])[] = [],
): string {
  return columns([
    ['society', id],
    [
      'documents',
      `${documents} of ${societies.length === 1 ? 'one society' : `${societies.length} societies`}`,
    ],
    ['changes', String(changes)],
    ['records of the store', String(records)],
    ...lackingRows(lacking),
    ...more,
  ])
}
