import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '../..')
/** Suites of gas, which says nothing about behaviour, of the models, and this one. */
const LEFT_OUT = /^(gas|formal)\/|\b(gas|mutants)\.test\.ts$/
/** Quickly compiled code does not fit into the limit of the chain. */
const ROOMY_NETWORK = "networks: { default: { type: 'edr-simulated', allowUnlimitedContractSize: true } },"
const NETWORKS_GO_BEFORE = 'paths: {'
/** Tests of the bytes themselves and of gas, which depend on how the sources are compiled. */
const NOT_BEHAVIOUR = 'code size limit|lay out storage|costs its sender'

/** A copy of the compiled project in which contracts can be replaced, away from the working tree. */
export class Bench {
  private readonly folder = mkdtempSync(join(tmpdir(), 'duckmesh-mutation-'))
  private readonly originals = new Map<string, string>()

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
    for (const path of ['node_modules', 'protocol/node_modules']) {
      if (existsSync(join(root, path))) symlinkSync(join(root, path), join(this.folder, path))
    }
  }

  /** Puts code in the place of contracts; all others are as they were built. @param code creation code by contract */
  install(code: ReadonlyMap<string, string>): void {
    for (const [name, text] of this.originals) writeFileSync(this.artifactOf(name), text)
    for (const [name, bytecode] of code) {
      const text = readFileSync(this.artifactOf(name), 'utf8')
      this.originals.set(name, text)
      const { buildInfoId: _, ...rest } = JSON.parse(text) as Record<string, unknown>
      writeFileSync(this.artifactOf(name), JSON.stringify({ ...rest, bytecode }))
    }
  }

  /** All behaviour tests; the slow random games last. */
  allTests(): string[] {
    return readdirSync(join(this.folder, 'contracts/test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !LEFT_OUT.test(path))
      .sort((a, b) => Number(a.startsWith('differential')) - Number(b.startsWith('differential')))
  }

  /**
   * Runs test files against what is installed, up to the first failure.
   * @param files below contracts/test
   * @returns the title of the first failing test, or nothing when all pass
   */
  async firstFailure(files: string[]): Promise<string | undefined> {
    const paths = files.map((path) => `contracts/test/${path}`)
    const args = ['--bail', '--grep-exclude', NOT_BEHAVIOUR, '--no-compile', ...paths]
    const { code, output } = await this.run(args)
    const passed = Number(/^\s+(\d+) passing/m.exec(output)?.[1] ?? 0)
    if (code === 0 && passed > 0) return undefined
    const [, suite, test] = /^ {2}1\) (.+)\n\s+(.+):?\n/m.exec(output) ?? []
    if (!suite) throw new Error(`The tests did not run:\n${output.slice(-2_000)}`)
    return `${suite}: ${test?.replace(/:$/, '')}`
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private artifactOf(name: string): string {
    return join(this.folder, `contracts/.artifacts/contracts/src/${name}.sol/${name}.json`)
  }

  private run(args: string[]): Promise<{ code: number | null; output: string }> {
    // Hardhat tells its child processes by HARDHAT_CONFIG which project they belong to. Inherited from `hardhat test`,
    // that would run these tests against the contracts of the working tree, and every fault would survive.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('HARDHAT_')),
    )
    return new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [join(root, 'node_modules/hardhat/dist/src/cli.js'), 'test', 'mocha', ...args],
        {
          cwd: this.folder,
          env: { ...env, FORCE_COLOR: '0', NO_COLOR: '1' },
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
