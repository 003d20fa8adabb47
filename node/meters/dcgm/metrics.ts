/** One line of metrics: what is measured, of what, and how much. */
export type Metric = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))

/**
 * Metrics of some names in a page of Prometheus' text format; comments and what has another form
 * are passed over. Source: prometheus.io/docs/instrumenting/exposition_formats.
 */
export function metricsIn(page: string, names: ReadonlySet<string>): readonly Metric[] {
  return page.split('\n').flatMap((text): readonly Metric[] => {
    const [, name = '', labels = '', value = ''] = line.exec(text) ?? []
    if (!names.has(name)) return []
    const told = [...labels.matchAll(label)].map(([, key = '', word = '']) => [
      key,
      unescaped(word),
    ])
    return [{ name, labels: Object.fromEntries(told), value: Number(value) }]
  })
}
