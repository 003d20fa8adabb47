/** How many of what a row tries; each must be reached. */
export type Gate = Readonly<Record<string, number>>

/** What a run of a row came to. */
export type Reached = {
  /** Numbers under the names of the gate, and others besides. */
  readonly figures: Readonly<Record<string, number | string>>
  /** What broke a promise, or kept the row from being run at all; empty where nothing did. */
  readonly faults: readonly string[]
}

/** What a row is given to run. */
export type RowContext = {
  readonly gate: Gate
  readonly isShort: boolean
  /** Shows how far it is. */
  readonly tell: (text: string) => void
  /** Whether somebody wants to see what was reached by now; then it ends early. */
  readonly isOver: () => boolean
}

/** One row of the table of proofs: what is tried, how often, and the program that tries it. */
export type Row = {
  readonly name: string
  readonly proof: string
  readonly gates: { readonly short: Gate; readonly long: Gate }
  run(context: RowContext): Promise<Reached>
}

/** What `--json` prints. */
export type RowResult = {
  readonly name: string
  readonly gate: Gate
  readonly reached: Reached['figures']
  readonly faults: readonly string[]
  readonly passed: boolean
}

/** Runs a row in its short or long form. What it throws is a fault. */
export async function runRow(
  row: Row,
  isShort: boolean,
  tell: RowContext['tell'] = () => undefined,
  isOver: RowContext['isOver'] = () => false,
): Promise<RowResult> {
  const gate = isShort ? row.gates.short : row.gates.long
  const startedAt = performance.now()
  const { figures, faults } = await row
    .run({ gate, isShort, tell, isOver })
    .catch((error: unknown): Reached => ({ figures: {}, faults: [String(error)] }))
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10
  const short = Object.entries(gate).filter(([what, count]) => !(Number(figures[what]) >= count))
  return {
    name: row.name,
    gate,
    reached: { ...figures, seconds },
    faults,
    passed: faults.length === 0 && short.length === 0,
  }
}
