import { isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml'

/** A YAML text, read: its plain value, and where each part of it stands. */
export type YamlSource = {
  readonly value: unknown
  /** What made reading impossible, each with file and line. */
  readonly problems: readonly string[]
  /** Line, from 1, of the key at a path, or of the nearest above it that is there. */
  readonly lineOf: (path: readonly string[]) => number
}

function offsetOf(contents: unknown, path: readonly string[]): number {
  let node = contents
  let offset = 0
  for (const name of path) {
    const pair = isMap(node) ? node.items.find((item) => String(item.key) === name) : undefined
    const key = isSeq(node) ? node.items[Number(name)] : pair?.key
    if (!isNode(key)) return offset
    offset = key.range?.[0] ?? offset
    node = pair === undefined ? key : pair.value
  }
  return offset
}

/** Reads YAML 1.2. Aliases, tags and repeated keys are problems: none belongs into a config. */
export function parseYaml(text: string, path: string): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  const problems = [...document.errors, ...document.warnings].map(
    ({ pos, message }) => `${path}:${lineAt(pos[0])}: ${message.split('\n', 1)[0]}`,
  )
  let value: unknown
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: 0 })
    } catch {
      problems.push(`${path}: aliases (*name) are not taken; write the value out`)
    }
  }
  return { value, problems, lineOf: (at) => lineAt(offsetOf(document.contents, at)) }
}
