// `node --import <this file>`: llama.cpp sees one CPU library, named by KERNEL_LIBRARY, e.g. `haswell`. So one machine
// computes like several. Linux on x64 only.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const platform = '@node-llama-cpp/linux-x64'
const wanted = process.env.KERNEL_LIBRARY
if (wanted) {
  const fromEngine = new URL(import.meta.resolve('node-llama-cpp'))
  const entry = fileURLToPath(new URL(import.meta.resolve(platform, fromEngine.href)))
  const binaries = join(dirname(entry), '..', 'bins')
  const copy = mkdtempSync(join(tmpdir(), 'duckmesh-kernel-'))
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
  mkdirSync(join(copy, 'linux-x64'))
  for (const file of readdirSync(join(binaries, 'linux-x64'))) {
    const isOther = file.startsWith('libggml-cpu-') && file !== `libggml-cpu-${wanted}.so`
    if (!isOther) copyFileSync(join(binaries, 'linux-x64', file), join(copy, 'linux-x64', file))
  }
  const { default: manifest } = await import(join(dirname(entry), '..', 'package.json'), {
    with: { type: 'json' },
  })
  const stand = `export const getBinsDir = () => (${JSON.stringify({ binsDir: copy, packageVersion: manifest.version })})`
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === platform
        ? { url: `data:text/javascript,${encodeURIComponent(stand)}`, shortCircuit: true }
        : next(specifier, context),
  })
}
