import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContractFunctionRevertedError, encodeErrorResult, HttpRequestError } from 'viem'
import { duckMeshAbi, duckTokenAbi } from '../generated/abi.ts'
import { chainError } from './chainError.ts'
import { errorCodes } from './codes.ts'
import { DuckMeshError } from './duckMeshError.ts'

test('every code says what to do, who must act, and has a fitting status', () => {
  for (const [code, meaning] of Object.entries(errorCodes)) {
    assert.match(code, /^[A-Z]+(_[A-Z]+)*$/)
    assert.ok(meaning.hint.length > 20 && meaning.hint.endsWith('.'), `${code} needs a hint`)
    assert.ok(meaning.status >= 400 && meaning.status < 600, `${code} needs an error status`)
  }
})

test('an error survives the wire', () => {
  const error = new DuckMeshError('NONCE_USED', 'Nonce 7 was used.', { nonce: '7' })
  const again = DuckMeshError.fromWire(JSON.parse(JSON.stringify(error.toWire())))
  assert.deepEqual(again.toWire(), error.toWire())
})

test('a code of a newer server becomes UPSTREAM_ERROR and keeps its name', () => {
  const wire = {
    code: 'FROM_THE_FUTURE',
    message: 'x',
    hint: 'y',
    retryable: false,
    actor: 'caller',
    details: {},
  }
  const error = DuckMeshError.fromWire(wire)
  assert.equal(error.code, 'UPSTREAM_ERROR')
  assert.equal(error.details.upstreamCode, 'FROM_THE_FUTURE')
})

test('a prototype name is not taken for a code', () => {
  const wire = { code: 'toString', message: 'x', hint: 'y', retryable: false, actor: 'caller', details: {} }
  assert.equal(DuckMeshError.fromWire(wire).code, 'UPSTREAM_ERROR')
})

test('a contract revert is decoded to its name and arguments', () => {
  const data = encodeErrorResult({ abi: duckMeshAbi, errorName: 'TooEarly', args: [123] })
  const revert = new ContractFunctionRevertedError({ abi: duckMeshAbi, data, functionName: 'openSeats' })
  const error = chainError(revert, 'openSeats')
  assert.equal(error.code, 'CHAIN_REVERTED')
  assert.deepEqual(error.details, { action: 'openSeats', reason: 'TooEarly', args: ['123'] })
})

test('an error of the token inside a call of DuckMesh is named too, an unknown one keeps its selector', () => {
  const args = ['0x5FbDB2315678afecb367f032d93F642f64180aa3', 1n, 2n] as const
  const data = encodeErrorResult({ abi: duckTokenAbi, errorName: 'ERC20InsufficientBalance', args })
  const revert = new ContractFunctionRevertedError({ abi: duckMeshAbi, data, functionName: 'deposit' })
  assert.equal(chainError(revert, 'deposit').details.reason, 'ERC20InsufficientBalance')
  const foreign = new ContractFunctionRevertedError({
    abi: duckMeshAbi,
    data: '0xdeadbeef',
    functionName: 'deposit',
  })
  assert.equal(chainError(foreign, 'deposit').details.reason, '0xdeadbeef')
})

test('a chain that does not answer is CHAIN_UNAVAILABLE and worth a retry', () => {
  const error = chainError(new HttpRequestError({ url: 'http://127.0.0.1:1', body: {} }), 'jobOf')
  assert.equal(error.code, 'CHAIN_UNAVAILABLE')
  assert.equal(error.retryable, true)
})
