import assert from 'node:assert/strict'
import { Failure } from '../../../src/index.ts'
import { modelsMax, requestRegistersMax } from './limits.ts'
import { commonModel, modelExtent, type Models } from './models.ts'
import type { Block } from './points.ts'

/** A Modbus exception code, the device's way to refuse a request. */
export type ModbusException = { readonly exception: number }

/**
 * Reads exactly `count` holding registers from `address`. Throws `source-unavailable` without an
 * answer, `source-nonsense` if the answer is no Modbus.
 */
export type ReadRegisters = (
  address: number,
  count: number,
) => Promise<readonly number[] | ModbusException>

/** Where the SunSpec map may begin, as protocol addresses, in the order of their frequency. */
const bases = [40_000, 0, 50_000]
/** The letters SunS. */
const marker = [0x5375, 0x6e53]
const endId = 0xffff
const addressesEnd = 65_536

const exceptionNames: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'device failure',
  5: 'acknowledged, not ready',
  6: 'device busy',
  10: 'gateway path unavailable',
  11: 'gateway has no answer from this unit id',
}

function nonsense(message: string): Failure {
  return new Failure('source-nonsense', message)
}

function exceptionText({ exception }: ModbusException): string {
  return `Modbus exception ${exception} (${exceptionNames[exception] ?? 'unknown'})`
}

async function readOrRefuse(read: ReadRegisters, address: number, count: number): Promise<Block> {
  const answer = await read(address, count)
  if ('exception' in answer) {
    throw nonsense(
      `The device refused to give registers ${address} to ${address + count - 1}: ` +
        `${exceptionText(answer)}. Check its model and unit id, then update its firmware.`,
    )
  }
  return answer
}

async function findBase(read: ReadRegisters): Promise<number> {
  let refusal = ''
  for (const base of bases) {
    const answer = await read(base, marker.length)
    if ('exception' in answer) refusal = ` It last answered ${exceptionText(answer)}.`
    else if (answer.every((word, index) => word === marker[index])) return base
  }
  throw nonsense(
    `The device has no SunSpec marker at ${bases.join(', ')}.${refusal} ` +
      'Check model and unit id, and switch SunSpec on in its settings.',
  )
}

async function readRegisters(read: ReadRegisters, start: number, count: number): Promise<Block> {
  const registers: number[] = []
  while (registers.length < count) {
    const missing = Math.min(count - registers.length, requestRegistersMax)
    registers.push(...(await readOrRefuse(read, start + registers.length, missing)))
  }
  return registers
}

/** The one register at `address`, which a chain may point to beyond the last one there is. */
async function readWord(read: ReadRegisters, address: number): Promise<number> {
  if (address >= addressesEnd) {
    throw nonsense(
      'The lengths of its SunSpec models lead beyond the last register; update the firmware.',
    )
  }
  const [word] = await readOrRefuse(read, address, 1)
  assert(word !== undefined)
  return word
}

/** Reads the points we know of one model; its length is the device's word and may be nonsense. */
async function readModel(
  read: ReadRegisters,
  address: number,
  header: { readonly id: number; readonly length: number; readonly extent: number },
): Promise<Block> {
  const { id, length, extent } = header
  if (length + 2 < extent) {
    throw nonsense(
      `SunSpec model ${id} says that it has ${length} registers and needs ${extent - 2}; ` +
        'update the firmware.',
    )
  }
  return [id, length, ...(await readRegisters(read, address + 2, extent - 2))]
}

/**
 * Walks a device's chain of models to its end and gives the registers of those asked for, by id. ID
 * and L are read one at a time, for some devices have no L behind the end's ID. What follows a
 * second model 1 is passed over: it belongs to another device (a meter, often) behind the same unit
 * id. Throws `source-nonsense` for a missing marker, impossible lengths and a chain without end.
 */
export async function walkModels(
  read: ReadRegisters,
  models: Models,
): Promise<ReadonlyMap<number, Block>> {
  const blocks = new Map<number, Block>()
  let isOurs = true
  let address = (await findBase(read)) + marker.length
  for (let count = 0; count < modelsMax; count++) {
    const id = await readWord(read, address)
    if (id === endId) return blocks
    const length = await readWord(read, address + 1)
    if (id === commonModel && blocks.has(id)) isOurs = false
    const model = models.get(id)
    if (isOurs && model !== undefined && !blocks.has(id)) {
      const header = { id, length, extent: modelExtent(model) }
      blocks.set(id, await readModel(read, address, header))
    }
    address += 2 + length
  }
  throw nonsense(
    `The device lists more than ${modelsMax} SunSpec models without an end; update its firmware.`,
  )
}
