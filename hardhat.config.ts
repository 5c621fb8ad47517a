import { createRequire } from 'node:module'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatEthersChaiMatchers from '@nomicfoundation/hardhat-ethers-chai-matchers'
import hardhatMocha from '@nomicfoundation/hardhat-mocha'
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers'
import { defineConfig } from 'hardhat/config'

/** One profile for tests and production, so what is tested is what is deployed. */
const compiler = {
  version: '0.8.37',
  // The WebAssembly compiler of the npm package: no download, the same bytes on every machine.
  path: createRequire(import.meta.url).resolve('solc/soljson.js'),
  settings: { evmVersion: 'prague', viaIR: true, optimizer: { enabled: true, runs: 600 } },
}

/** Fewer bytes for what is called rarely, less gas for what every job pays. */
const tuned = (runs: number) => ({
  ...compiler,
  settings: { ...compiler.settings, optimizer: { enabled: true, runs } },
})
const overrides = {
  'contracts/src/DuckMesh.sol': tuned(4_000),
  'contracts/src/DuckMeshAccounts.sol': tuned(200),
  'contracts/src/DuckMeshJobs.sol': tuned(200),
}

/** DUCKMESH_INVARIANTS=long runs the long invariant campaign; anything else the quick one. */
const longCampaign = process.env.DUCKMESH_INVARIANTS === 'long'

export default defineConfig({
  plugins: [hardhatEthers, hardhatEthersChaiMatchers, hardhatMocha, hardhatNetworkHelpers],
  paths: {
    sources: ['contracts/src', 'contracts/test/harness'],
    tests: { mocha: 'contracts/test', solidity: 'contracts/test/invariant' },
    artifacts: 'contracts/.artifacts',
    cache: 'contracts/.cache',
  },
  solidity: {
    profiles: {
      default: { compilers: [compiler], overrides },
      production: { compilers: [compiler], overrides },
    },
  },
  test: {
    mocha: { timeout: 60_000 },
    solidity: {
      fuzz: { runs: longCampaign ? 5_000 : 256, seed: '0xd0c4' },
      invariant: longCampaign
        ? { runs: 256, depth: 256, failOnRevert: true }
        : { runs: 64, depth: 64, failOnRevert: true },
    },
  },
})
