import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DuckMeshError, hashCanonical, type InferenceRequest, jobKinds, type Order } from '@duckmesh/protocol'
import { parseConfig } from '../config.ts'
import type { Executor } from '../executors/executor.ts'
import { createOpenAiExecutor } from '../executors/openAiExecutor.ts'
import { openAiProfile } from '../executors/profile.ts'
import { newRow } from '../journal/journal.fixture.ts'
import { fixedPrices } from '../prices/prices.fixture.ts'
import { checkTerms } from './checkTerms.ts'

const config = parseConfig({
  RPC_URL: 'http://127.0.0.1:8545',
  COORDINATOR_URL: 'http://127.0.0.1:8080',
  MESH_ADDRESS: `0x${'ab'.repeat(20)}`,
  OWNER_PRIVATE_KEY: `0x${'11'.repeat(32)}`,
  SIGNING_PRIVATE_KEY: `0x${'22'.repeat(32)}`,
  DATA_DIR: 'data',
  OCR: 'on',
})
const request: InferenceRequest = { kind: 'inference', prompt: 'Hi', maxTokens: 4, temperature: 0, seed: 0 }
const profile = openAiProfile({
  sha256: 'ab'.repeat(32),
  name: 'some-model',
  quantisation: 'Q8_0',
  tokenizer: 'llama/7522',
  engine: 'test@1',
  contextTokens: 256,
})
const order: Order = {
  ...newRow(1).order,
  kind: jobKinds.inference,
  execWindow: 60,
  inputHash: hashCanonical(request),
  policy: hashCanonical(profile),
  modelId: `0x${profile.model}`,
}

const prices = await fixedPrices({ minPriceDuck: '0' })

test('an order goes to the executor of its profile, and never to one that serves streams alone', () => {
  const executor = createOpenAiExecutor({ profile, baseUrl: 'http://127.0.0.1:1', model: 'm' })
  assert.equal(checkTerms({ config, prices, executors: [executor] }, order, request, 0), executor)
  const streaming: Executor = { ...executor, streamsOnly: true }
  assert.throws(
    () => checkTerms({ config, prices, executors: [streaming] }, order, request, 0),
    (error) => error instanceof DuckMeshError && error.code === 'UNKNOWN_MODEL',
  )
})
