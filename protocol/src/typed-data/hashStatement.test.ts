import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { bytesToBigInt, bytesToHex, getAddress, hashTypedData } from 'viem'
import * as protocol from '../index.ts'
import { hashStatement, type Statement } from './hashStatement.ts'

type Types = Record<string, readonly { name: string; type: string }[]>

const word = () => bytesToHex(randomBytes(32))
const address = () => getAddress(bytesToHex(randomBytes(20)))
const meshDomain = () => protocol.eip712Domain({ chainId: 31_337, verifyingContract: address() })

/** A value of a type: an edge of it or anything. */
function anyOf(type: string, round: number): unknown {
  const inner = /^(.+)\[\]$/.exec(type)?.[1]
  if (inner) return Array.from({ length: round % 4 }, () => anyOf(inner, round))
  if (type === 'address') return round % 2 ? address().toLowerCase() : address()
  if (type === 'bytes32') return word()
  if (type === 'bytes') return bytesToHex(randomBytes(round * 7))
  if (type === 'bool') return round % 2 === 0
  const bits = Number(/^uint(\d+)$/.exec(type)?.[1])
  assert.ok(bits > 0, `a statement has a field of type ${type}`)
  const edges = [0n, 1n, (1n << BigInt(bits)) - 1n]
  const value = edges[round] ?? bytesToBigInt(randomBytes(bits / 8))
  return bits <= 40 ? Number(value) : value
}

const messageOf = (fields: Types[string], round: number) =>
  Object.fromEntries(fields.map(({ name, type }) => [name, anyOf(type, round)]))

describe('hashStatement', () => {
  const declared = Object.entries(protocol).filter(
    ([name, value]) => name.endsWith('Types') && !Array.isArray(value),
  ) as [string, Types][]

  test('knows the statements of the mesh', () => {
    assert.ok(declared.length >= 8, `${declared.map(([name]) => name)}`)
  })

  for (const [name, types] of declared) {
    test(`gives the digest of viem: ${name}`, () => {
      for (const [primaryType, fields] of Object.entries(types)) {
        for (let round = 0; round < 24; round++) {
          const message = messageOf(fields, round)
          const statement = { domain: meshDomain(), types, primaryType, message } as unknown as Statement
          assert.equal(hashStatement(statement), hashTypedData(statement))
        }
      }
    })
  }

  test('gives the digest of viem for domains of any fields, met again and again', () => {
    const types = { Word: [{ name: 'value', type: 'bytes32' }] } as const
    const domains = [
      {},
      { name: 'DuckMesh' },
      { chainId: 1n },
      { chainId: 1 },
      { salt: word() },
      { version: '2' },
    ]
    for (let round = 0; round < 40; round++) {
      for (const domain of [...domains, meshDomain()]) {
        const statement: Statement = { domain, types, primaryType: 'Word', message: { value: word() } }
        assert.equal(hashStatement(statement), hashTypedData(statement))
      }
    }
  })

  test('gives the digest of viem for strings, bytes, lists, nested structs and signed numbers', () => {
    const types: Types = {
      Letter: [
        { name: 'to', type: 'string' },
        { name: 'seal', type: 'bytes' },
        { name: 'pages', type: 'uint256[]' },
        { name: 'from', type: 'Bird' },
        { name: 'tide', type: 'int64' },
      ],
      Bird: [{ name: 'nest', type: 'address' }],
    }
    const message = { to: 'duck', seal: '0x1234', pages: [1n, 2n], from: { nest: address() }, tide: -5n }
    const statement = { domain: meshDomain(), types, primaryType: 'Letter', message } as unknown as Statement
    assert.equal(hashStatement(statement), hashTypedData(statement))
    const inner = { ...statement, primaryType: 'Bird', message: message.from } as unknown as Statement
    assert.equal(hashStatement(inner), hashTypedData(inner))
  })

  test('one list of fields under two names is two types', () => {
    const fields = [{ name: 'value', type: 'bytes32' }]
    for (const primaryType of ['One', 'Other', 'One']) {
      const types = { [primaryType]: fields }
      const statement = {
        domain: meshDomain(),
        types,
        primaryType,
        message: { value: word() },
      } as unknown as Statement
      assert.equal(hashStatement(statement), hashTypedData(statement))
    }
  })

  for (const [type, value] of [
    ['uint8', 256],
    ['uint8', -1],
    ['uint96', 1n << 96n],
    ['uint40', 1.5],
    ['address', '0x1234'],
    ['address', '0xde709f2102306220921060314715629080e2fB77'],
    ['bytes32', '0x12'],
    ['bytes32', undefined],
  ] as const) {
    test(`refuses ${String(value)} for ${type}, as viem does`, () => {
      const statement = {
        domain: meshDomain(),
        types: { Wrong: [{ name: 'value', type }] },
        primaryType: 'Wrong',
        message: { value },
      } as unknown as Statement
      assert.throws(() => hashTypedData(statement))
      assert.throws(() => hashStatement(statement))
    })
  }
})
