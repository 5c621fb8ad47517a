import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatTable } from './formatTable.ts'
import type { Io } from './io.ts'
import { createOutput } from './output.ts'
import { startProgressLine } from './progressLine.ts'

describe('formatTable', () => {
  it('default: aligns columns, without spaces at the end of lines', () => {
    const rows = [
      ['a', 'long cell', 'x'],
      ['long', 'b', ''],
    ]
    assert.equal(formatTable(rows), 'a     long cell  x\nlong  b')
    assert.equal(formatTable(rows, 2), '  a     long cell  x\n  long  b')
  })

  it('behavior: colours do not count', () => {
    assert.equal(
      formatTable([
        ['\x1b[32mok\x1b[39m', 'x'],
        ['FAILED', 'y'],
      ]),
      '\x1b[32mok\x1b[39m      x\nFAILED  y',
    )
  })
})

const ioInto = (written: string[], options: Partial<Io> = {}): Io => ({
  stdout: (text) => written.push(text),
  stderr: (text) => written.push(text),
  stdoutIsTty: true,
  stderrIsTty: true,
  env: {},
  cwd: '/',
  signal: new AbortController().signal,
  ...options,
})

describe('createOutput', () => {
  it('default: colours on a terminal, none with NO_COLOR or elsewhere', () => {
    assert.notEqual(createOutput(ioInto([]), false).colours.red('x'), 'x')
    assert.equal(createOutput(ioInto([], { env: { NO_COLOR: '1' } }), false).colours.red('x'), 'x')
    assert.equal(createOutput(ioInto([], { stdoutIsTty: false }), false).colours.red('x'), 'x')
  })

  it('behavior: with --json one document and no lines, amounts as decimal strings', () => {
    const written: string[] = []
    const output = createOutput(ioInto(written), true)
    output.line('hello')
    output.document({ amountWei: 5n })
    assert.deepEqual(
      written.map((text) => JSON.parse(text)),
      [{ amountWei: '5' }],
    )
  })
})

describe('startProgressLine', () => {
  it('default: shows nothing for two seconds, then text and elapsed time, and takes it away', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let nowMs = 0
    t.mock.method(performance, 'now', () => nowMs)
    const written: string[] = []
    const line = startProgressLine(ioInto(written), false)
    line.say('assigned')
    nowMs = 1_500
    t.mock.timers.tick(1_500)
    assert.deepEqual(written, [])
    nowMs = 2_500
    t.mock.timers.tick(500)
    assert.match(written.at(-1)!, /assigned · 2\.5 s$/)
    line.stop()
    assert.equal(written.at(-1), '\r\x1b[K')
  })

  it('behavior: where nobody can see a line being redrawn, every change is one line', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let nowMs = 3_000
    t.mock.method(performance, 'now', () => nowMs)
    const written: string[] = []
    const line = startProgressLine(ioInto(written, { stderrIsTty: false }), false)
    nowMs = 6_000
    line.say('assigned')
    line.say('assigned')
    line.say('anchored')
    line.stop()
    assert.deepEqual(written, ['assigned · 3.0 s\n', 'anchored · 3.0 s\n'])
  })
})
