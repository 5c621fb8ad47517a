import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '../..')
/** Suites of gas, which says nothing about behaviour, of the models, and of this list. */
const LEFT_OUT = /^(gas|formal)\/|\b(gas|mutants)\.test\.ts$/
/** Tests of the bytes themselves and of gas, which depend on how the sources are compiled. */
const NOT_BEHAVIOUR = 'size limit|lay out storage|costs its sender'
/** A fault may make a loop endless; whatever takes this long noticed it. */
const RUN_TIMEOUT_MS = 1_200_000

/** Quickly compiled code does not fit into the limit of the chain, and a busy machine must not look like a fault. */
const CONFIG = `import config from '${join(root, 'hardhat.config.ts')}'

export default {
  ...config,
  networks: { default: { type: 'edr-simulated', allowUnlimitedContractSize: true } },
  test: { mocha: { timeout: 300_000 } },
}
`

/** A copy of the compiled project in which contracts can be replaced, away from the working tree. */
export class ProjectCopy {
  private readonly folder = mkdtempSync(join(tmpdir(), 'duckmesh-mutation-'))
  private readonly originals = new Map<string, string>()

  constructor() {
    for (const path of ['package.json', 'tsconfig.json', 'contracts/test', 'contracts/.artifacts']) {
      cpSync(join(root, path), join(this.folder, path), {
        recursive: true,
        filter: (source) => !relative(root, source).includes('build-info'),
      })
    }
    // What the tests read besides: none of it is about to change.
    for (const path of ['node_modules', 'protocol', 'circuits']) {
      symlinkSync(join(root, path), join(this.folder, path))
    }
    writeFileSync(this.configFile, CONFIG)
  }

  /**
   * Puts code in the place of contracts; all others are as they were built.
   * @param code creation code by contract, named as in {@link deployed}
   */
  install(code: ReadonlyMap<string, string>): void {
    for (const [name, text] of this.originals) writeFileSync(this.artifactOf(name), text)
    for (const [name, bytecode] of code) {
      const text = this.originals.get(name) ?? readFileSync(this.artifactOf(name), 'utf8')
      this.originals.set(name, text)
      const { buildInfoId: _, ...rest } = JSON.parse(text) as Record<string, unknown>
      writeFileSync(this.artifactOf(name), JSON.stringify({ ...rest, bytecode }))
    }
  }

  /** All behaviour tests, as paths below contracts/test; the slow random games last. */
  allTests(): string[] {
    return readdirSync(join(this.folder, 'contracts/test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !LEFT_OUT.test(path))
      .sort((a, b) => Number(a.startsWith('differential')) - Number(b.startsWith('differential')))
  }

  /**
   * Runs test files against what is installed, up to the first failure.
   * @param files below contracts/test
   * @returns the title of the first failing test, or nothing when all pass
   * @throws Error when no test ran at all
   */
  async firstFailure(files: string[]): Promise<string | undefined> {
    const paths = files.map((path) => `contracts/test/${path}`)
    const { code, output } = await this.hardhat([
      ...['test', 'mocha', '--bail', '--no-compile'],
      ...['--grep-exclude', NOT_BEHAVIOUR, ...paths],
    ])
    if (code === 'timeout') return `no end within ${RUN_TIMEOUT_MS / 1_000} s`
    const passed = Number(/^\s+(\d+) passing/m.exec(output)?.[1] ?? 0)
    if (code === 0 && passed > 0) return undefined
    const [, suite, test] = /^ {2}1\) (.+)\n\s+(.+):?\n/m.exec(output) ?? []
    if (!suite) throw new Error(`The tests did not run:\n${output.slice(-2_000)}`)
    return `${suite}: ${test?.replace(/:$/, '')}`
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private get configFile(): string {
    return join(this.folder, 'hardhat.config.ts')
  }

  private artifactOf(name: string): string {
    const contract = name.slice(name.lastIndexOf('/') + 1)
    return join(this.folder, `contracts/.artifacts/contracts/src/${name}.sol/${contract}.json`)
  }

  private hardhat(args: string[]): Promise<{ code: number | null | 'timeout'; output: string }> {
    // Hardhat hands its options to child processes in HARDHAT_…, HARDHAT_CONFIG among them. Inherited from a `hardhat
    // test` around this one, it would win over the folder: these tests would run against the contracts of the working
    // tree, and every fault would survive.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HARDHAT_'))
    return new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [join(root, 'node_modules/hardhat/dist/src/cli.js'), '--config', this.configFile, ...args],
        {
          cwd: this.folder,
          env: { ...Object.fromEntries(inherited), FORCE_COLOR: '0', NO_COLOR: '1' },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      let output = ''
      const collect = (chunk: Buffer) => {
        output += chunk.toString('utf8')
      }
      let timedOut = false
      const timer = setTimeout(() => {
        timedOut = true
        child.kill('SIGKILL')
      }, RUN_TIMEOUT_MS)
      child.stdout.on('data', collect)
      child.stderr.on('data', collect)
      child.on('error', reject)
      child.on('close', (code) => {
        clearTimeout(timer)
        resolve({ code: timedOut ? 'timeout' : code, output })
      })
    })
  }
}
