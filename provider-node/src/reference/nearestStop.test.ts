import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { llamaRuntime } from '../executors/llamaRuntime.ts'
import { resolveModel } from '../models/modelRegistry.ts'
import { nearestStop, restsOf } from './nearestStop.ts'

describe('restsOf', () => {
  for (const [text, stops, rests] of [
    ['a duck', ['.'], ['.']],
    ['a\n', ['\n\n'], ['\n\n', '\n']],
    ['say STO', ['STOP', 'O'], ['STOP', 'P', 'O']],
    ['', ['ab'], ['ab']],
    ['aba', ['abab'], ['abab', 'bab', 'b']],
  ] as const) {
    test(`${JSON.stringify(text)} goes on to ${stops.join(' or ')} by ${JSON.stringify(rests)}`, () => {
      assert.deepEqual(restsOf(text, stops), rests)
    })
  }
})

describe('nearestStop', () => {
  let model: LlamaModel
  let sequence: LlamaContextSequence
  before(async () => {
    const llama = await llamaRuntime()
    const { path } = await resolveModel('duck1m')
    model = await llama.loadModel({ modelPath: path, gpuLayers: 0 })
    sequence = (await model.createContext({ contextSize: 128, threads: 1 })).getSequence()
  })
  after(() => model?.dispose())

  /** Finds a way when only some tokens may be drawn: those, in this order, each that far off. */
  const find = (rests: string[], draws: { token: Token; nats: number }[]) => {
    const distancesAt = (_place: unknown, count: number) => (token: Token) =>
      draws[count]?.token === token ? draws[count].nats : 64
    const history = model.tokenize('One day a duck')
    return nearestStop(model, sequence, { history, rests, distancesAt }, new AbortController().signal)
  }
  const inside = (text: string): Token[] => {
    const lead = model.tokenize('x')
    return model.tokenize(`x${text}`).slice(lead.length)
  }

  test('one token that is the stop text, or more than that', async () => {
    const [token] = inside('.') as [Token]
    assert.deepEqual(await find(['.'], [{ token, nats: 0.1 }]), { path: [token], distanceNats: 0.1 })
  })

  for (const text of ['friend zebra', ' 🦆!', '\n\nUser:']) {
    test(`several tokens: as far as the farthest of them (${JSON.stringify(text)})`, async () => {
      const path = inside(text)
      assert.ok(path.length > 1)
      const draws = path.map((token, at) => ({ token, nats: at === 1 ? 0.3 : 0 }))
      assert.deepEqual(await find([text], draws), { path, distanceNats: 0.3 })
    })
  }

  test('no way that any grade would ask for: the tokens are far off, or make another text', async () => {
    const [token] = inside('.') as [Token]
    assert.equal(await find(['.'], [{ token, nats: 5 }]), undefined)
    assert.equal(await find(['!'], [{ token, nats: 0 }]), undefined)
  })
})
