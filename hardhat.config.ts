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
  settings: {
    evmVersion: 'prague',
    viaIR: true,
    optimizer: { enabled: true, runs: 600 },
    // Compared by a test: the mesh and its extension must mean the same by every slot.
    outputSelection: { '*': { '*': ['storageLayout', 'transientStorageLayout'] } },
  },
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
  solidity: { profiles: { default: { compilers: [compiler] }, production: { compilers: [compiler] } } },
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
