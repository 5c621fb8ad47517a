import assert from 'node:assert/strict'
import { test } from 'node:test'
import canonicalize from 'canonicalize'
import { hashCanonical } from './canonical.ts'

test('the example of RFC 8785 section 3.2.2 has its published canonical form', () => {
  const text = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`
  const published = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
  assert.equal(canonicalize(JSON.parse(text)), published)
})

test('the order of keys does not matter, every value does', () => {
  assert.equal(hashCanonical({ a: 1, b: [1, 2] }), hashCanonical({ b: [1, 2], a: 1 }))
  assert.notEqual(hashCanonical({ a: 1, b: [1, 2] }), hashCanonical({ a: 1, b: [2, 1] }))
})

test('what has no JSON form is refused', () => {
  assert.throws(() => hashCanonical(undefined), { code: 'BAD_REQUEST' })
})
