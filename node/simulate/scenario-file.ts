import { LineCounter, parseDocument, type Node } from 'yaml'
import { Failure } from '../../src/index.ts'

/** A society of a scenario. */
export type ScenarioSociety = {
  readonly adp: number | string
  readonly policy: Readonly<Record<string, unknown>>
  readonly witnesses: readonly string[]
  readonly parent: string | null
  readonly manual: boolean
}

/** A step with its line in the file. */
export type ScenarioStep = { readonly line: number } & (
  | {
      readonly type: 'do'
      readonly by: string
      readonly kind: string
      readonly with: Readonly<Record<string, unknown>>
      readonly as: string | null
      readonly refused: string | null
    }
  | {
      readonly type: 'equivocate'
      readonly by: string
      readonly kind: string
      readonly with: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'advance'; readonly ms: number; readonly text: string }
  | { readonly type: 'expect'; readonly expectations: Readonly<Record<string, unknown>> }
  | { readonly type: 'partition'; readonly groups: readonly (readonly string[])[] }
  | { readonly type: 'heal' | 'converged' }
  | { readonly type: 'stop' | 'restart'; readonly society: string }
)

/** A scenario as its file tells it. */
export type Scenario = {
  readonly file: string
  readonly title: string
  readonly startMs: number
  readonly seed: number
  readonly societies: ReadonlyMap<string, ScenarioSociety>
  readonly steps: readonly ScenarioStep[]
}

/** Reads values and refuses what is not of their shape, naming the line. */
class Reader {
  readonly #file: string
  readonly #lines: LineCounter

  constructor(file: string, lines: LineCounter) {
    this.#file = file
    this.#lines = lines
  }

  lineOf(node: unknown): number {
    const offset = (node as Node | null)?.range?.[0]
    return offset === undefined ? 1 : this.#lines.linePos(offset).line
  }

  refuse(line: number, message: string): never {
    throw new Failure('malformed', `${this.#file}:${line}: ${message}`)
  }

  map(value: unknown, line: number, what: string): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.refuse(line, `${what} must be a map`)
    }
    return value as Readonly<Record<string, unknown>>
  }

  text(value: unknown, line: number, what: string): string {
    return typeof value === 'string' && value !== ''
      ? value
      : this.refuse(line, `${what} must be text`)
  }

  list(value: unknown, line: number, what: string): readonly string[] {
    return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
      ? value
      : this.refuse(line, `${what} must be a list of names`)
  }

  only(map: Readonly<Record<string, unknown>>, known: readonly string[], line: number): void {
    const unknown = Object.keys(map).find((key) => !known.includes(key))
    if (unknown !== undefined) {
      this.refuse(line, `unknown key '${unknown}'; known are ${known.join(', ')}`)
    }
  }
}

const units: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }

/** Milliseconds of a duration such as `90s`, `15m`, `6h`, `8d`; undefined for anything else. */
function parseDuration(value: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(String(value))
  return match === null ? undefined : Math.round(Number(match[1]) * (units[match[2] ?? ''] ?? 0))
}

function readSociety(
  reader: Reader,
  given: unknown,
  line: number,
  policy: object,
): ScenarioSociety {
  const map = reader.map(given ?? {}, line, 'a society')
  reader.only(map, ['adp', 'policy', 'witnesses', 'parent', 'manual'], line)
  const adp = map['adp'] ?? 0
  if (typeof adp !== 'number' && typeof adp !== 'string') {
    return reader.refuse(line, 'adp must be a decimal')
  }
  if (map['manual'] !== undefined && typeof map['manual'] !== 'boolean') {
    return reader.refuse(line, 'manual must be true or false')
  }
  return {
    adp,
    policy: { ...policy, ...reader.map(map['policy'] ?? {}, line, 'policy') },
    witnesses: reader.list(map['witnesses'] ?? [], line, 'witnesses'),
    parent: map['parent'] === undefined ? null : reader.text(map['parent'], line, 'parent'),
    manual: map['manual'] === true,
  }
}

function readAction(
  reader: Reader,
  step: Readonly<Record<string, unknown>>,
  line: number,
): ScenarioStep {
  const kind = reader.text(step['do'], line, 'do')
  const given = reader.map(step['with'] ?? {}, line, 'with')
  if (step['equivocate'] !== undefined) {
    reader.only(step, ['equivocate', 'do', 'with'], line)
    const by = reader.text(step['equivocate'], line, 'equivocate')
    return { line, type: 'equivocate', by, kind, with: given }
  }
  reader.only(step, ['by', 'do', 'with', 'as', 'refused'], line)
  const optional = (name: string): string | null =>
    step[name] === undefined ? null : reader.text(step[name], line, name)
  const by = reader.text(step['by'], line, 'by')
  return {
    line,
    type: 'do',
    by,
    kind,
    with: given,
    as: optional('as'),
    refused: optional('refused'),
  }
}

function readStep(reader: Reader, given: unknown, line: number): ScenarioStep {
  const step = reader.map(given, line, 'a step')
  if (step['do'] !== undefined) return readAction(reader, step, line)
  const [key] = Object.keys(step)
  const known = ['advance', 'expect', 'partition', 'heal', 'converged', 'stop', 'restart']
  if (key === undefined || !known.includes(key)) {
    return reader.refuse(line, `a step does one of: do, equivocate, ${known.join(', ')}`)
  }
  reader.only(step, [key], line)
  const value = step[key]
  switch (key) {
    case 'advance': {
      const ms = parseDuration(value)
      return ms === undefined
        ? reader.refuse(line, 'advance must be a duration such as 90s, 15m, 6h or 8d')
        : { line, type: 'advance', ms, text: String(value) }
    }
    case 'expect':
      return { line, type: 'expect', expectations: reader.map(value, line, 'expect') }
    case 'partition': {
      if (!Array.isArray(value)) return reader.refuse(line, 'partition must be a list of groups')
      const groups = value.map((group) => reader.list(group, line, 'a group'))
      const names = groups.flat()
      const twice = names.find((name, i) => names.indexOf(name) < i)
      if (twice !== undefined) reader.refuse(line, `'${twice}' cannot be in two groups at once`)
      return { line, type: 'partition', groups }
    }
    case 'stop':
    case 'restart':
      return { line, type: key, society: reader.text(value, line, key) }
    default:
      if (value !== true) return reader.refuse(line, `${key} must be true`)
      return { line, type: key as 'heal' | 'converged' }
  }
}

function checkNames(reader: Reader, scenario: Scenario): void {
  const known = (name: string, line: number): void => {
    if (!scenario.societies.has(name)) reader.refuse(line, `there is no society '${name}' here`)
  }
  for (const { parent, witnesses } of scenario.societies.values()) {
    for (const name of [...witnesses, ...(parent === null ? [] : [parent])]) known(name, 1)
  }
  for (const step of scenario.steps) {
    if (step.type === 'do' || step.type === 'equivocate') known(step.by, step.line)
    if (step.type === 'stop' || step.type === 'restart') known(step.society, step.line)
    if (step.type === 'partition') step.groups.flat().forEach((name) => known(name, step.line))
  }
}

/** Reads a scenario's YAML. Fails with `malformed`, naming file and line. */
export function parseScenario(text: string, file: string): Scenario {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const reader = new Reader(file, lines)
  const [problem] = document.errors
  if (problem !== undefined) {
    reader.refuse(lines.linePos(problem.pos[0]).line, problem.message)
  }
  const map = reader.map(document.toJS() as unknown, 1, 'a scenario')
  reader.only(map, ['scenario', 'start', 'policy', 'seed', 'societies', 'steps'], 1)
  const startMs = Date.parse(String(map['start']))
  if (Number.isNaN(startMs)) reader.refuse(1, 'start must be a time such as 2026-06-21T12:00:00Z')
  const seed = map['seed'] ?? 1
  if (!Number.isSafeInteger(seed)) reader.refuse(1, 'seed must be an integer')
  const policy = reader.map(map['policy'] ?? {}, 1, 'policy')
  const given = reader.map(map['societies'], 1, 'societies')
  const societies = new Map<string, ScenarioSociety>()
  for (const [name, society] of Object.entries(given)) {
    const line = reader.lineOf(document.getIn(['societies', name], true))
    societies.set(name, readSociety(reader, society, line, policy))
  }
  if (!Array.isArray(map['steps'])) reader.refuse(1, 'steps must be a list')
  const steps = (map['steps'] as unknown[]).map((step, i) =>
    readStep(reader, step, reader.lineOf(document.getIn(['steps', i], true))),
  )
  const title = reader.text(map['scenario'], 1, 'scenario')
  const scenario = { file, title, startMs, seed: Number(seed), societies, steps }
  checkNames(reader, scenario)
  return scenario
}
