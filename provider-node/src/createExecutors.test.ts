import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { parseConfig } from './config.ts'
import { createExecutor, createExecutors } from './createExecutors.ts'
import { completion } from './executors/streamRequest.fixture.ts'

const settings = {
  RPC_URL: 'http://127.0.0.1:8545',
  COORDINATOR_URL: 'http://127.0.0.1:8080',
  MESH_ADDRESS: `0x${'ab'.repeat(20)}`,
  OWNER_PRIVATE_KEY: `0x${'11'.repeat(32)}`,
  SIGNING_PRIVATE_KEY: `0x${'22'.repeat(32)}`,
  DATA_DIR: 'data',
}
const openAi = { OPENAI_URL: 'http://127.0.0.1:1', OPENAI_MODEL: 'm', OPENAI_MODEL_SHA256: 'ab'.repeat(32) }

describe('createExecutors', () => {
  test('an engine holds as many streams as its lane lets wait, and never refuses one that has begun', async () => {
    const config = parseConfig({ ...settings, MODEL: 'duck1m', MODEL_SLOTS: '1', STREAM_WAITING: '40' })
    const [executor] = await createExecutors(config)
    const end = new AbortController()
    const { generator } = executor!
    try {
      const request = completion({ maxTokens: 200 })
      const begin = () => generator!.generate(request, end.signal).next()
      const held = Array.from({ length: 41 }, () => begin().catch((error: DuckMeshError) => error.code))
      await assert.rejects(begin(), { code: 'EXECUTOR_BUSY' })
      end.abort()
      assert.ok((await Promise.all(held)).every((step) => step !== 'EXECUTOR_BUSY'))
    } finally {
      end.abort()
      await executor!.close()
    }
  })

  test('opens every engine that is asked for, language models first', async () => {
    const config = parseConfig({
      ...settings,
      ...openAi,
      MODEL: 'duck1m',
      MODEL_SLOTS: '3',
      OPENAI_APIS: 'chat,embedding',
      OCR: 'on',
      BEDROCK_MODEL: 'amazon.nova-lite-v1:0',
      BEDROCK_REGION: 'eu-central-1',
    })
    const executors = await createExecutors(config)
    try {
      assert.deepEqual(
        executors.map(({ profile, generator, streamsOnly }) => [profile.name, generator?.apis, streamsOnly]),
        [
          ['duck1m', ['chat', 'completion'], undefined],
          ['m', ['chat', 'embedding'], undefined],
          ['amazon.nova-lite-v1:0', ['chat'], true],
          ['tesseract-eng', ['ocr'], true],
        ],
      )
      assert.equal(executors[0]?.generator?.slots, 3)
    } finally {
      await Promise.all(executors.map((executor) => executor.close()))
    }
  })

  for (const [name, EMBEDDINGS] of [
    ['one engine has no file', '/nowhere/model.gguf'],
    ['a model is for something else', 'duck1m'],
  ] as const) {
    test(`fails as a whole when ${name}`, async () => {
      const config = parseConfig({ ...settings, MODEL: 'duck1m', EMBEDDINGS })
      await assert.rejects(
        createExecutors(config),
        (error) => error instanceof DuckMeshError && error.code === 'BAD_CONFIG',
      )
    })
  }

  test('createExecutor opens the first alone', async () => {
    const executor = await createExecutor(
      parseConfig({ ...settings, ...openAi, EMBEDDINGS: '/nowhere/model.gguf' }),
    )
    assert.equal(executor.profile.name, 'm')
    await executor.close()
  })
})
