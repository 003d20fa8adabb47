import type * as Automerge from '@automerge/automerge'
import * as fc from 'fast-check'

/** An operation as Automerge's encodeChange takes it; its own type leaves some members out. */
type LooseOperation = Automerge.DecodedChange['ops'][number] & { insert?: boolean; elemId?: string }

/** A change as Automerge's encodeChange takes it. */
export type LooseChange = Omit<Automerge.DecodedChange, 'ops'> & {
  ops: LooseOperation[]
  extra_bytes?: number[]
}

/** Numbers and texts that an edit may use, and which operation it is about. */
type Draw = {
  readonly at: number
  readonly other: number
  readonly number: number
  readonly text: string
}

type Edit = (change: LooseChange, operation: LooseOperation, draw: Draw) => void

const foreign = 'cc'.repeat(33)

const operationEdits: Record<string, Edit> = {
  rename: (_, operation, { text }) => (operation.key = text),
  renameAsNeighbour: (change, operation, { other }) =>
    (operation.key = change.ops[other % change.ops.length]!.key),
  move: (change, operation, { other }) =>
    (operation.obj = change.ops[other % change.ops.length]!.obj),
  moveToRoot: (_, operation) => (operation.obj = '_root'),
  moveToCounter: (change, operation, { number }) =>
    (operation.obj = `${Math.abs(number) + 1}@${change.actor}`),
  moveToForeign: (_, operation) => (operation.obj = `1@${foreign}`),
  turnIntoMap: (_, operation) => {
    operation.action = 'makeMap'
    delete operation.value
    delete operation.datatype
  },
  turnIntoMapWithValue: (_, operation) => (operation.action = 'makeMap'),
  turnIntoText: (_, operation) => (operation.action = 'makeText'),
  turnIntoList: (_, operation) => (operation.action = 'makeList'),
  turnIntoDelete: (_, operation) => (operation.action = 'del'),
  turnIntoIncrement: (_, operation) => (operation.action = 'inc'),
  turnIntoString: (_, operation, { text }) => setValue(operation, text),
  turnIntoInteger: (_, operation, { number }) => setValue(operation, number, 'int'),
  turnIntoUnsigned: (_, operation, { number }) => setValue(operation, Math.abs(number), 'uint'),
  turnIntoFraction: (_, operation, { number }) => setValue(operation, number / 2, 'float64'),
  turnIntoCounter: (_, operation, { number }) => setValue(operation, number, 'counter'),
  turnIntoTimestamp: (_, operation, { number }) => setValue(operation, number, 'timestamp'),
  turnIntoBoolean: (_, operation, { number }) => setValue(operation, number > 0),
  turnIntoNull: (_, operation) => {
    setValue(operation, false)
    Reflect.set(operation, 'value', null)
  },
  overwrite: (change, operation, { number }) =>
    operation.pred.push(`${Math.abs(number) + 1}@${change.actor}`),
  overwriteForeign: (_, operation) => operation.pred.push(`1@${foreign}`),
  insert: (_, operation) => {
    operation.insert = true
    operation.elemId = '_head'
    Reflect.deleteProperty(operation, 'key')
  },
  swap: ({ ops }, operation, { at, other }) => {
    ops[at % ops.length] = ops[other % ops.length]!
    ops[other % ops.length] = operation
  },
  repeat: ({ ops }, operation, { other }) =>
    ops.splice(other % ops.length, 0, structuredClone(operation)),
  drop: ({ ops }, _, { at }) => ops.splice(at % ops.length, 1),
}

const headerEdits: Record<string, Edit> = {
  seq: (change, _, { number }) => (change.seq += number),
  startOp: (change, _, { number }) => (change.startOp += number),
  timeStep: (change, _, { number }) => (change.time += number),
  timeBefore1970: (change) => (change.time = -1),
  message: (change, _, { text }) => (change.message = text),
  noDependency: (change) => (change.deps = []),
  unknownDependency: (change) => (change.deps = ['dd'.repeat(32)]),
  twoDependencies: (change) => change.deps.push('ee'.repeat(32)),
  shortActor: (change) => setActor(change, change.actor.slice(0, 64)),
  actorOfUnknownKind: (change) => setActor(change, `${change.actor.slice(0, 64)}02`),
  otherActor: (change) => setActor(change, `${'ab'.repeat(32)}01`),
  extraBytes: (change) => (change.extra_bytes = [1, 2, 3]),
}

const setValue = (
  operation: LooseOperation,
  value: string | number | boolean,
  datatype?: string,
): void => {
  operation.action = 'set'
  operation.value = value
  if (datatype === undefined) delete operation.datatype
  else operation.datatype = datatype
}

const setActor = (change: LooseChange, actor: string): void => {
  for (const operation of change.ops) {
    operation.obj = operation.obj.replace(`@${change.actor}`, `@${actor}`)
  }
  change.actor = actor
}

/** A change of meaning: its name and what it does to a change. */
export type StructuralEdit = {
  readonly name: string
  readonly apply: (change: LooseChange) => void
}

const draws: fc.Arbitrary<Draw> = fc.record({
  at: fc.nat(40),
  other: fc.nat(40),
  number: fc.oneof(
    fc.integer({ min: -2, max: 12 }),
    fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1, -(2 ** 53) + 1),
  ),
  text: fc.constantFrom('', 'a', 'zz', '0', '1', 'é', '__proto__', 'Upper', 'a..b', 'x'.repeat(49)),
})

const editsOf = (edits: Record<string, Edit>): fc.Arbitrary<StructuralEdit> =>
  fc.tuple(fc.constantFrom(...Object.entries(edits)), draws).map(([[name, edit], draw]) => ({
    name,
    apply: (change): void => {
      const operation = change.ops[draw.at % change.ops.length]
      if (operation !== undefined) edit(change, operation, draw)
    },
  }))

/** Edits of operations and, less often, of the header. */
export const structuralEdits: fc.Arbitrary<StructuralEdit> = fc.oneof(
  { weight: 3, arbitrary: editsOf(operationEdits) },
  { weight: 1, arbitrary: editsOf(headerEdits) },
)
