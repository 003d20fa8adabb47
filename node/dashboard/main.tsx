import 'uplot/dist/uPlot.min.css'
import './style.css'
import './parts.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { followEvents } from './live.ts'
import { followClock } from './node-clock.ts'
import { enter } from './session.ts'

const root = document.getElementById('app')
if (root !== null) {
  render(<App />, root)
  void enter().then(() => Promise.all([followClock(), followEvents()]))
}
