// The native prover's arithmetic against numbers of JavaScript and curves of @noble/curves: portable, with ADX, with IFMA.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { describe, test } from 'node:test'
import { buildVectors, native, noNative } from './native.fixture.ts'
import { cosetCases, digitCases, extensionCases, fieldCases } from './numberVectors.fixture.ts'
import { additionCases, curveCases, msmCases } from './pointVectors.fixture.ts'

/** Whether this CPU has eight lanes, by what the kernel says of it. */
const flags = new Set(
  existsSync('/proc/cpuinfo')
    ? readFileSync('/proc/cpuinfo', 'utf8')
        .match(/^flags.*$/m)?.[0]
        .split(/\s+/)
    : [],
)
const hasLanes = flags.has('avx512f') && flags.has('avx512ifma')
const noAdx = noNative || ('fast' in native && native.fast ? false : 'this CPU has no ADX')

const builds = [
  { name: 'portable', fast: false, ifma: 'on', lanes: 1, skip: noNative },
  { name: 'with ADX', fast: true, ifma: 'off', lanes: 1, skip: noAdx },
  {
    name: 'with IFMA',
    fast: true,
    ifma: 'on',
    lanes: 8,
    skip: noAdx || (hasLanes ? false : 'this CPU has no IFMA'),
  },
]
for (const { name, fast, ifma, lanes, skip } of builds) {
  describe(`the native prover's arithmetic, ${name}`, { skip }, async () => {
    const build = skip === false ? await buildVectors(fast) : { missing: String(skip) }
    const answers = (questions: string[]) => {
      assert.ok('path' in build, 'missing' in build ? build.missing : '')
      const input = questions.map((line) => `${line}\n`).join('')
      const env = { ...process.env, PROVER_IFMA: ifma }
      const output = execFileSync(build.path, { input, env, encoding: 'utf8', maxBuffer: 1 << 26 })
      const lines = output.split('\n').slice(0, -1)
      assert.equal(lines.length, questions.length)
      return lines
    }
    const suites = {
      field: fieldCases,
      extension: extensionCases,
      curve: curveCases,
      additions: additionCases,
      msm: msmCases,
      coset: cosetCases,
    }
    for (const [suite, makeCases] of Object.entries(suites)) {
      test(`${suite}: equals the reference`, () => {
        const cases = makeCases()
        const lines = answers(cases.map(({ line }) => line))
        for (const [index, { line, expected }] of cases.entries())
          assert.ok(lines[index] === expected, `${line.slice(0, 200)}: ${lines[index]?.slice(0, 200)}`)
      })
    }

    test('digits add up to their scalar, and none is longer than half the base', () => {
      const cases = digitCases()
      const lines = answers(cases.map(({ line }) => line))
      for (const [index, { width, scalar, line }] of cases.entries()) {
        const digits = lines[index]!.trim().split(' ').map(BigInt)
        const total = digits.reduceRight((sum, digit) => (sum << BigInt(width)) + digit, 0n)
        assert.equal(total, scalar, line)
        for (const digit of digits)
          assert.ok(digit >= -(1n << BigInt(width - 1)) && digit <= 1n << BigInt(width - 1), line)
      }
    })

    test('works on as many numbers at once as it should', () => {
      assert.deepEqual(answers(['lanes']), [String(lanes)])
    })
  })
}
