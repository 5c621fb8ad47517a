import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '../..')
const artifact = 'contracts/.artifacts/contracts/src/DuckMesh.sol/DuckMesh.json'
/** Suites that say nothing about behaviour, or would start this one again. */
const LEFT_OUT = ['gas', 'formal', 'mutation']
/** Unoptimised code does not fit into the limit of the chain. */
const ROOMY_NETWORK = "networks: { default: { type: 'edr-simulated', allowUnlimitedContractSize: true } },"
const NETWORKS_GO_BEFORE = 'paths: {'
/** A test of the bytes themselves: they depend on how the sources were handed to the compiler. */
const NOT_BEHAVIOUR = 'code size limit'

/** A copy of the compiled project in which the contract can be replaced, away from the working tree. */
export class Bench {
  private readonly folder = mkdtempSync(join(tmpdir(), 'duckmesh-mutation-'))

  constructor() {
    for (const path of [
      'package.json',
      'tsconfig.json',

      'contracts/test',
      'contracts/.artifacts',
      'protocol',
    ]) {
      cpSync(join(root, path), join(this.folder, path), {
        recursive: true,
        filter: (source) => !/node_modules|build-info/.test(relative(root, source)),
      })
    }
    const config = readFileSync(join(root, 'hardhat.config.ts'), 'utf8')
    if (!config.includes(NETWORKS_GO_BEFORE))
      throw new Error('hardhat.config.ts has another form than expected')
    const roomy = config.replace(NETWORKS_GO_BEFORE, `${ROOMY_NETWORK}\n  ${NETWORKS_GO_BEFORE}`)
    writeFileSync(join(this.folder, 'hardhat.config.ts'), roomy)
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
  }

  /**
   * Runs the behaviour tests against a contract, up to the first failure.
   * @param bytecode creation code of DuckMesh
   * @returns the title of the first failing test, or nothing when all pass
   */
  async firstFailure(bytecode: string): Promise<string | undefined> {
    const path = join(this.folder, artifact)
    const { buildInfoId: _, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    writeFileSync(path, JSON.stringify({ ...rest, bytecode }))
    const { code, output } = await this.run([
      '--bail',
      '--grep-exclude',
      NOT_BEHAVIOUR,
      '--no-compile',
      ...this.testFiles(),
    ])
    if (code === 0) return undefined
    const [, suite, test] = /^ {2}1\) (.+)\n\s+(.+):?\n/m.exec(output) ?? []
    if (!suite) throw new Error(`The tests did not run:\n${output.slice(-2_000)}`)
    return `${suite}: ${test?.replace(/:$/, '')}`
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private testFiles(): string[] {
    return readdirSync(join(this.folder, 'contracts/test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !LEFT_OUT.includes(path.split('/')[0] ?? ''))
      .sort((a, b) => Number(a.startsWith('differential')) - Number(b.startsWith('differential')))
      .map((path) => `contracts/test/${path}`)
  }

  private run(args: string[]): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [join(root, 'node_modules/hardhat/dist/src/cli.js'), 'test', 'mocha', ...args],
        {
          cwd: this.folder,
          env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      let output = ''
      const collect = (chunk: Buffer) => {
        output += chunk.toString('utf8')
      }
      child.stdout.on('data', collect)
      child.stderr.on('data', collect)
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, output }))
    })
  }
}
