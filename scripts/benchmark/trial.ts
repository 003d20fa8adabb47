/** What one round of a program came to: figures by name, in the units that the rows tell. */
export type Figures = Readonly<Record<string, number>>

/** What a program is told about what to do; JSON. */
export type Options = Readonly<Record<string, number | string | boolean>>

/** A program that does a kind of work once a round, in processes of its own. */
export type Contestant = {
  /** As in the tables: `ours`, a limit such as `OpenSSL verify`, or a peer such as `Hypercore`. */
  readonly name: string
  readonly program: URL
  readonly options: Options
  /** Where this one's name for a figure of a row is another. */
  readonly figures?: Readonly<Record<string, string>>
}

/** One line of the table that is printed. */
export type RowOf = {
  readonly work: string
  readonly unit: string
  /** Name of the figure among those that the programs answer. */
  readonly figure: string
}

/** Works that are measured together, by programs that take turns. */
export type Trial = {
  readonly rows: readonly RowOf[]
  /** The first is `ours`. */
  readonly contestants: readonly Contestant[]
  /** Systems like ours, measured with `--peers` alone. */
  readonly peers?: readonly Contestant[]
  /** Takes minutes: measured with `--long` alone. */
  readonly isLong?: boolean
  readonly rounds?: number
}

/** A line of the table with what was measured, in each round. */
export type Measured = {
  readonly work: string
  readonly unit: string
  readonly ours: readonly number[]
  readonly others: Readonly<Record<string, readonly number[]>>
}
