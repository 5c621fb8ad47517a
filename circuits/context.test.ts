import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keccak256, pad, toHex } from 'viem'
import { contextOf } from './context.ts'
import { FIELD } from './field/field.ts'

const taskId = keccak256('0x01')
const provider = (id: number) => pad(toHex(id))

test('the context differs between jobs and between providers, and is a number of the field', () => {
  const context = contextOf(taskId, provider(7))
  assert.ok(context > 0n && context < 2n ** 248n && context < FIELD)
  assert.notEqual(context, contextOf(taskId, provider(8)))
  assert.notEqual(context, contextOf(keccak256('0x02'), provider(7)))
})

test('the context is the shifted hash of both words', () => {
  const hash = keccak256(`${taskId}${provider(7).slice(2)}`)
  assert.equal(contextOf(taskId, provider(7)), BigInt(hash) / 256n)
})
