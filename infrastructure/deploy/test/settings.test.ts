import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { loadSettings, parseSettings } from '../settings.ts'

const env = { RPC_URL: 'http://127.0.0.1:8545' }
const folder = join(import.meta.dirname, '../networks')
const local = JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8'))
const ADDRESS = '0x00000000000000000000000000000000000000A1'

const isBadConfig = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DuckMeshError)
  assert.equal(error.code, 'BAD_CONFIG')
  assert.match(error.message, pattern)
  return true
}

describe('Settings', () => {
  test('of every network are well formed once the environment is there', () => {
    for (const file of readdirSync(folder)) {
      const text = readFileSync(join(folder, file), 'utf8')
      const names = [...text.matchAll(/env:(\w+)/g)].map(([, name]) => name!)
      const filled = Object.fromEntries(
        names.map((name) => [name, name.includes('RPC') ? env.RPC_URL : ADDRESS]),
      )
      const settings = loadSettings(file.replace('.json', ''), filled)
      assert.ok(settings.chainId > 0, file)
    }
  })

  test('of a real network name no account by its address', () => {
    const text = readFileSync(join(folder, 'base-sepolia.json'), 'utf8')
    assert.doesNotMatch(text, /0x[0-9a-fA-F]{40}/)
  })

  test('name everything that is missing at once', () => {
    assert.throws(
      () => loadSettings('base-sepolia', {}),
      isBadConfig(/BASE_SEPOLIA_RPC_URL, GUARDIAN_ADDRESS, ATTESTER_ADDRESSES, ERC8004_IDENTITY_ADDRESS/),
    )
  })

  test('take a list out of the environment', () => {
    const enclaves = { ...local.enclaves, attesters: 'env:ATTESTERS' }
    const file = { ...local, enclaves }
    const settings = parseSettings(file, { ...env, ATTESTERS: `${ADDRESS},deployer` })
    assert.deepEqual(settings.enclaves.attesters, [ADDRESS, 'deployer'])
  })

  test('read amounts of DUCK as wei', () => {
    const settings = parseSettings(local, env)
    assert.equal(settings.mesh.minStakeDuck, 1_000n * 10n ** 18n)
  })

  for (const name of ['nowhere', '../networks/local', '']) {
    test(`of a network called "${name}" are not there`, () => {
      assert.throws(() => loadSettings(name, env), isBadConfig(/There is no network/))
    })
  }

  const bad: [string, object, RegExp][] = [
    ['an unknown field', { feeBps: 1 }, /feeBps/],
    ['a missing field', { treasury: undefined }, /treasury/],
    ['an address that is none', { treasury: '0x12' }, /treasury/],
    ['nobody as the treasury', { treasury: 'none' }, /treasury/],
    ['an amount that is none', { mesh: { ...local.mesh, minStakeDuck: '-1' } }, /minStakeDuck/],
    ['an adapter that there is not', { verifiers: [{ ...local.verifiers[0], adapter: 'Other' }] }, /adapter/],
    [
      'a selector of three bytes',
      { verifiers: [{ ...local.verifiers[0], selector: '0x000001' }] },
      /selector/,
    ],
  ]
  for (const [what, change, pattern] of bad) {
    test(`with ${what} are refused`, () => {
      assert.throws(() => parseSettings({ ...local, ...change }, env), isBadConfig(pattern))
    })
  }

  test('with a development key are refused where something is at stake', () => {
    const groth16Keys = [{ path: 'key.json', setup: 'dev-insecure' }]
    for (const chainId of [1, 8_453, 84_532, 31_338]) {
      assert.throws(
        () => parseSettings({ ...local, chainId, groth16Keys }, env),
        isBadConfig(/could prove anything/),
      )
    }
    for (const chainId of [1_337, 31_337]) parseSettings({ ...local, chainId, groth16Keys }, env)
    parseSettings({ ...local, chainId: 1, groth16Keys: [{ path: 'key.json', setup: 'ceremony' }] }, env)
  })
})
