import assert from 'node:assert/strict'
import { test } from 'node:test'
import { close, listen } from './listen.ts'

test('idle connections stay open for longer than load balancers keep them', async () => {
  const { server, port } = await listen((_request, response) => response.end(), '127.0.0.1', 0)
  const { headers } = await fetch(`http://127.0.0.1:${port}`)
  assert.equal(headers.get('keep-alive'), 'timeout=65')
  await close(server)
})
