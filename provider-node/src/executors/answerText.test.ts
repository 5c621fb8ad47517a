import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AnswerText } from './answerText.ts'

/** Items are the bytes of their text, so that tokens may end inside a character. */
const decode = (items: readonly Uint8Array[]) => Buffer.concat(items).toString('utf8')
const bytes = (...parts: (string | number[])[]) =>
  parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part)))

/** What each push gives, then what the end gives, as texts. */
function feed(stops: string[], ...parts: (string | number[])[]) {
  const answer = new AnswerText<Uint8Array>(decode, stops)
  const given: string[][] = []
  let items = 0
  for (const item of bytes(...parts)) {
    const ready = answer.push(item)
    given.push(ready.map(({ text }) => text))
    items += ready.flatMap((part) => part.items).length
    if (answer.hasStopped) break
  }
  const left = answer.hasStopped ? [] : answer.end()
  items += left.flatMap((part) => part.items).length
  return { given, left: left.map(({ text }) => text), items, hasStopped: answer.hasStopped }
}

describe('AnswerText', () => {
  test('gives plain tokens at once', () => {
    const { given, left, items } = feed([], 'Once', ' upon', ' a')
    assert.deepEqual(given, [['Once'], [' upon'], [' a']])
    assert.deepEqual([left, items], [[], 3])
  })

  test('holds the tokens of a character until it is whole', () => {
    const [one, two, three, four] = Buffer.from('🦆')
    const { given, items } = feed([], 'a', [one!], [two!, three!], [four!, 33], 'b')
    assert.deepEqual(given, [['a'], [], [], ['🦆!'], ['b']])
    assert.equal(items, 5)
  })

  test('gives what never becomes a character as a replacement, at the end or after sixteen tokens', () => {
    assert.deepEqual(feed([], 'a', [0xf0]).left, ['\ufffd'])
    const { given } = feed([], ...Array.from({ length: 16 }, () => [0xf0]))
    assert.deepEqual(given.at(-1), ['\ufffd'.repeat(16)])
    assert.ok(given.slice(0, -1).every((parts) => parts.length === 0))
  })

  test('cuts exactly before a stop text, wherever its tokens begin', () => {
    for (const parts of [['x END y'], ['x ', 'EN', 'D', ' y'], ['x', ' E', 'N', 'D y'], [...'x END y']]) {
      const { given, hasStopped } = feed(['END'], ...parts)
      assert.equal(given.flat().join(''), 'x ', parts.join('|'))
      assert.equal(hasStopped, true)
    }
  })

  test('gives no token that lies wholly in the stop text', () => {
    assert.equal(feed(['END'], 'x', ' E', 'ND').items, 2)
    assert.equal(feed(['END'], 'x', 'E', 'ND').items, 1)
    assert.deepEqual(feed(['x'], 'x').given, [[]])
  })

  test('holds what may become a stop text, and gives it when it does not', () => {
    const { given, left } = feed(['END'], 'a', 'E', 'N', 'T', 'E')
    assert.deepEqual(given, [['a'], [], [], ['E', 'N', 'T'], []])
    assert.deepEqual(left, ['E'])
  })

  test('a stop text that begins anew inside itself is found', () => {
    assert.equal(feed(['aab'], 'a', 'a', 'a', 'b').given.flat().join(''), 'a')
    assert.equal(feed(['abcabd'], 'abc', 'abc', 'abd').given.flat().join(''), 'abc')
  })

  test('the earliest of several stop texts counts, and a line break is one', () => {
    assert.equal(feed(['ddd', 'b'], 'abcddd').given.flat().join(''), 'a')
    assert.equal(feed(['\n\n'], 'one\n', '\ntwo').given.flat().join(''), 'one')
  })

  test('a stop text may hold characters of several tokens', () => {
    const [one, two, three, four] = Buffer.from('🦆')
    const { given, hasStopped } = feed(['🦆!'], 'a', [one!, two!], [three!], [four!], '!')
    assert.deepEqual([given.flat().join(''), hasStopped], ['a', true])
  })

  test('a stop text that comes with the last character is found at the end', () => {
    const answer = new AnswerText<Uint8Array>(decode, ['\ufffd'])
    for (const item of bytes('a', [0xf0])) answer.push(item)
    assert.deepEqual([answer.end(), answer.hasStopped], [[], true])
  })
})
