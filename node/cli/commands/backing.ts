import { open } from 'node:fs/promises'
import { keyOfDid, type SocietyKey } from '../../../protocol/index.ts'
import { Failure } from '../../../src/index.ts'
import { backingFileBytesMax } from '../../backing/limits.ts'
import { verifyBackingFile } from '../../backing/verify.ts'
import { replaceFile } from '../../store/durable-file.ts'
import { reasonOf } from '../../store/file-failure.ts'
import { textOf, type Answer, type Command, type CommandContext, type Given } from '../command.ts'
import { describeBacking, describeVerified } from '../describe-backing.ts'
import { exitCodes, WrongUsage } from '../failures.ts'
import { checkReplaceable } from '../replaceable.ts'

const hourMs = 3_600_000
/** An exported answer holds nothing that is secret. */
const readableByAll = 0o644

/** Writes what the node answers to a file, once it has been found again from the file alone. */
async function exportTo(
  path: string,
  file: string,
  { client, tell }: CommandContext,
): Promise<Answer> {
  await checkReplaceable(file)
  const parts: Uint8Array[] = []
  for await (const part of (await client()).bytes('GET', `${path}/file`)) parts.push(part)
  const bytes = Buffer.concat(parts)
  tell(`${bytes.length} bytes; looking whether the same follows from them`)
  const value = await verifyBackingFile(bytes, { now: Date.now() })
  try {
    await replaceFile(file, bytes, readableByAll)
  } catch (cause) {
    throw new Failure('file-refused', `${file} cannot be written: ${reasonOf(cause)}`, { cause })
  }
  return { value, text: describeVerified(value) }
}

async function ask(given: Given, context: CommandContext): Promise<Answer> {
  const path = `/v1/societies/${encodeURIComponent(textOf(given, 'id') ?? '')}/backing`
  const file = textOf(given, 'export')
  if (file !== undefined) return exportTo(path, file, context)
  const params = { id: textOf(given, 'id') ?? '' }
  const value = await (await context.client()).call('getBacking', { params })
  return { value, text: describeBacking(value) }
}

/** Reads a file, but none that is larger than any of its kind may be. */
async function readAll(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r')
    try {
      const stat = await handle.stat()
      // A pipe or a device has no size and may have no end.
      if (!stat.isFile()) throw new Failure('malformed', `${path} is no file`)
      if (stat.size <= backingFileBytesMax) return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure('file-refused', `${path} cannot be read: ${reasonOf(cause)}`, { cause })
  }
  throw new Failure('too-large', `${path} has more than ${backingFileBytesMax} bytes`)
}

function societyOf(given: Given, name: string): SocietyKey | undefined {
  const text = textOf(given, name)
  const key = text === undefined ? undefined : keyOfDid(text)
  if (text !== undefined && key === undefined) throw new WrongUsage(`--${name} takes a whole id`)
  return key
}

async function verify(given: Given): Promise<Answer> {
  const hours = textOf(given, 'maxAge')
  const options = {
    now: Date.now(),
    federation: textOf(given, 'federation'),
    from: societyOf(given, 'from'),
    ageMsMax: hours === undefined ? undefined : Number(hours) * hourMs,
  }
  const value = await verifyBackingFile(await readAll(textOf(given, 'file') ?? ''), options)
  if (value.verdict !== 'backed') process.exitCode = exitCodes.failed
  return { value, text: describeVerified(value) }
}

/** The question before every trade, and the answer without a node. */
export const backingCommands: readonly Command[] = [
  {
    words: 'backing',
    summary: 'may I take this society’s ATP, and why',
    example: 'society backing loom --export loom.backing',
    arguments: [{ name: 'id', summary: 'society, by id, prefix or name' }],
    options: [
      {
        name: 'export',
        value: 'FILE',
        summary: 'write the answer and all that it follows from to a file for `verify`',
      },
    ],
    run: ask,
  },
  {
    words: 'verify',
    summary: 'check an exported answer about backing; needs no node and no network',
    example: 'society verify loom.backing --max-age 24',
    arguments: [{ name: 'file', summary: 'a file of `backing --export`' }],
    options: [
      { name: 'federation', value: 'NAME', summary: 'refuse an answer of any other federation' },
      {
        name: 'from',
        value: 'ID',
        summary: 'count as members only whom this society admitted, directly or not',
      },
      {
        name: 'max-age',
        value: 'HOURS',
        kind: 'number',
        summary: 'refuse what tells how it was longer ago',
      },
    ],
    run: verify,
  },
]
