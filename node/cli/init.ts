import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { isMap, parseDocument } from 'yaml'
import { isTestFederation, nameLengthMax } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import { parseConfig } from '../config/config.ts'
import { configTemplate } from '../config/config-template.ts'
import { nodeFiles } from '../config/directory.ts'
import { initNode, type KeyOrigin } from '../init.ts'
import { replaceFile } from '../store/durable-file.ts'
import { textOf, textsOf, type Given } from './command.ts'
import { WrongUsage } from './failures.ts'
import { newPassphrase } from './passphrase.ts'

/** The commented configuration, with what the flags say put into it. */
function configFor(given: Given): string {
  const adp = textOf(given, 'adp')
  const federation = textOf(given, 'federation') ?? 'home'
  const open = given['open'] === true
  if (open && !isTestFederation(federation)) {
    throw new WrongUsage(
      '--open lets in everybody who asks, which a test federation alone may: ' +
        'add --federation test-NAME',
    )
  }
  const template = configTemplate({
    name: textOf(given, 'name') ?? hostname().slice(0, nameLengthMax),
    federation,
    open,
    ...(adp === undefined ? {} : { adp }),
  })
  const document = parseDocument(template)
  if (!isMap(document.contents)) throw new TypeError('the template is a map')
  for (const name of ['listen', 'bootstrap']) {
    const values = textsOf(given, name)
    if (values.length > 0) document.setIn(['network', name], [...values])
  }
  if (given['noMdns'] === true) document.setIn(['network', 'mdns'], false)
  const port = textOf(given, 'apiPort')
  if (port !== undefined) document.setIn(['api', 'port'], Number(port))
  return document.toString()
}

/** Refuses a directory in which a society lives: its key is the one thing that nothing replaces. */
function checkFree(directory: string): void {
  const { config, key } = nodeFiles(directory)
  const found = [key, config].find((path) => existsSync(path))
  if (found === undefined) return
  const message = `a society lives in ${directory} already: there is ${found}; choose another --dir`
  throw new Failure('directory-in-use', message)
}

/** What is wrong with flags shows in the configuration they make, which is not there yet. */
function checkFlags(text: string, path: string): void {
  try {
    parseConfig(text, path)
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause
    const lines = cause.message.split('\n').map((line) => line.replace(/^.*?:\d+: /, ''))
    throw new Failure(cause.code, lines.join('\n'), { cause })
  }
}

async function passphraseOf(given: Given): Promise<string | null> {
  return given['insecureNoPassphrase'] === true ? null : newPassphrase(given)
}

/**
 * Makes a node's directory from the flags of `init`, with a key of its own or one that was
 * exported; answers the society's id. Fails with `directory-in-use` where there is one already,
 * `malformed`, or as wrong usage.
 */
export async function initFromFlags(
  given: Given,
  directory: string,
  exported?: KeyOrigin,
): Promise<string> {
  const path = nodeFiles(directory).config
  checkFree(directory)
  const text = configFor(given)
  checkFlags(text, path)
  return initNode({
    directory,
    key: exported ?? { type: 'new', passphrase: await passphraseOf(given) },
    writeConfig: async () => {
      // Once more, now that nobody else can be at it.
      checkFree(directory)
      await replaceFile(path, text)
    },
  })
}
