import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setupFitsChain } from './setup.ts'

test('a key with an insecure setup fits local chains alone', () => {
  assert.deepEqual(
    [31_337, 1337, 1, 8453].map((chainId) => setupFitsChain('dev-insecure', chainId)),
    [true, true, false, false],
  )
  assert.equal(setupFitsChain('ceremony', 1), true)
})
