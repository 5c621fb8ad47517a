import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Lints a file that exists for the length of the call. */
function lint(folder: string, code: string): { status: number | null; output: string } {
  const path = join(root, folder, 'rankProbe.ts')
  writeFileSync(path, code)
  try {
    const found = spawnSync('biome', ['lint', path], { cwd: root, encoding: 'utf8' })
    return { status: found.status, output: `${found.stdout}${found.stderr}` }
  } finally {
    rmSync(path)
  }
}

const upward: [string, string][] = [
  ['protocol/src', "import { DuckMeshClient } from '@duckmesh/sdk'"],
  ['protocol/src', "import { readFileSync } from 'node:fs'"],
  ['sdk/src', "import { createApp } from '@duckmesh/coordinator'"],
  ['sdk/src', "import { createApp } from '../../coordinator/src/app.ts'"],
  ['gateway/src', "import { DuckMeshClient } from '@duckmesh/sdk'"],
  ['gateway/src', "import { createApp } from '../../coordinator/src/app.ts'"],
  ['gateway/src/channels', "import { readFileSync } from 'node:fs'"],
  ['gateway/src/streams', "import { connectChannelChain } from '../adapters/viemChannelChain.ts'"],
  ['sdk/cli/src', "import { startMesh } from '@duckmesh/infrastructure/mesh'"],
  ['coordinator/src', "import { DuckMeshClient } from '@duckmesh/sdk'"],
  ['coordinator/src', "import { createNode } from '@duckmesh/provider-node'"],
  ['coordinator/src/features/market', "import express from 'express'"],
  ['coordinator/src/features/market', "import { connectChain } from '../../adapters/viemChain.ts'"],
  ['provider-node/src', "import { createApp } from '@duckmesh/coordinator'"],
  ['provider-node/src/proving', "import { createApp } from '@duckmesh/coordinator'"],
  ['infrastructure/chain', "import { DuckMeshClient } from '@duckmesh/sdk'"],
  ['infrastructure/deploy', "import { DuckMeshClient } from '@duckmesh/sdk'"],
]
for (const [folder, statement] of upward) {
  test(`in ${folder}, ${statement} fails the lint`, () => {
    const name = statement.match(/(?:import \{? ?)(\w+)/)?.[1]
    const { status, output } = lint(folder, `${statement}\n\nconsole.log(${name})\n`)
    assert.equal(status, 1)
    assert.match(output, /noRestrictedImports/)
  })
}

test('an import down the ranks passes', () => {
  const { status, output } = lint(
    'coordinator/src',
    "import { jobIdOf } from '@duckmesh/protocol'\n\nconsole.log(jobIdOf)\n",
  )
  assert.equal(status, 0, output)
})
