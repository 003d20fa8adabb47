import type { Figures, Options } from './trial.ts'

/** What a program does in each round, and what it leaves behind. */
export type Rounds = {
  readonly round: () => Promise<Figures>
  readonly close: () => Promise<void>
}

/** What is said between the program that measures and those that work. */
export type ToWorker = { readonly type: 'round' | 'end' }
/** An answer of a program that works. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'figures'; readonly figures: Figures }
  | { readonly type: 'failed'; readonly message: string }

function tell(message: FromWorker): void {
  process.send?.(message)
}

/**
 * Makes this process a program that works when it is told to. It prepares once, answers each round
 * with its figures, and ends when it is told to or whoever started it is gone.
 */
export function serveRounds(prepare: (options: Options) => Promise<Rounds>): void {
  const options = JSON.parse(process.argv[2] ?? '{}') as Options
  const prepared = prepare(options)
  const end = async (): Promise<void> => {
    try {
      await (await prepared).close()
    } finally {
      process.exit()
    }
  }
  process.on('message', ({ type }: ToWorker) => {
    if (type === 'end') void end()
    else {
      prepared
        .then((rounds) => rounds.round())
        .then((figures) => tell({ type: 'figures', figures }))
        .catch(failed)
    }
  })
  process.once('disconnect', () => void end())
  prepared.then(() => tell({ type: 'ready' })).catch(failed)
}

function failed(error: unknown): void {
  tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? '') : String(error) })
}
