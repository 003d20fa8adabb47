/** One event of a stream: its id, its type, and its data as it came. */
export type Frame = { readonly id: string; readonly type: string; readonly data: string }

/** The event of a block of lines; undefined for a comment or a block of other fields. */
function frameOf(block: string): Frame | undefined {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
  const [id, type, data] = ['id', 'event', 'data'].map((name) => fields.get(name))
  return id === undefined || type === undefined || data === undefined
    ? undefined
    : { id, type, data }
}

/** The events in the bytes of a stream, as they come. */
export async function* framesIn(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of stream) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const frame = frameOf(block)
      if (frame !== undefined) yield frame
    }
  }
}
