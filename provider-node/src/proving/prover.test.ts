// What holds for every engine, on the smallest circuit.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { endProver, FIELD, type Proven, verify } from '@duckmesh/circuits'
import { DuckMeshError } from '@duckmesh/protocol'
import { verifyProof } from '@duckmesh/protocol/groth16'
import { nativePath, noNative } from './native.fixture.ts'
import { type PoolOptions, ProverPool } from './pool.ts'
import type { Engine, ProveRequest, ProvingStage } from './prover.ts'
import { brokenWitness, circuit, inputs, signals, witness } from './recordRange.fixture.ts'

const skips: Record<Engine, string | false> = { snarkjs: false, native: noNative }
const record = (more: Partial<ProveRequest> = {}): ProveRequest => ({
  circuit: 'record-range',
  inputs,
  ...more,
})
const codeIs = (code: string) => (error: unknown) => {
  assert.ok(error instanceof DuckMeshError, String(error))
  assert.equal(error.code, code, error.message)
  return true
}
after(endProver)

for (const [engine, skip] of Object.entries(skips) as [Engine, string | false][]) {
  describe(`a prover with ${engine}`, { skip }, () => {
    const pools: ProverPool[] = []
    const pool = (options: Partial<PoolOptions> = {}) => {
      const made = new ProverPool({
        engine,
        reason: 'a test',
        isSnarkjsSpare: false,
        slots: 1,
        maxWaiting: 8,
        memoryMiB: 2_048,
        nativePath,
        keysFolder: undefined,
        ...options,
      })
      pools.push(made)
      return made
    }
    const prover = pool()
    after(() => Promise.all(pools.map((made) => made.close())))

    test('proves inputs and witnesses; snarkjs and the protocol verify it, and no other statement', async () => {
      const { verifyingKey, setup } = await prover.keyOf('record-range')
      assert.equal(setup, 'dev-insecure')
      for (const given of [{ inputs }, { inputs: undefined, witness }]) {
        const stages: ProvingStage[] = []
        const run = await prover.prove(record({ ...given, onProgress: (stage) => stages.push(stage) }))
        assert.deepEqual(stages, ['witness', 'proving', 'checking'])
        assert.deepEqual(run.publicSignals, signals)
        assert.equal(run.provedBy, engine)
        assert.ok(run.proveMs > 0 && run.proveCpuMs > 0 && run.witnessMs > 0)
        const proof = { ...run.proof, protocol: 'groth16', curve: 'bn128' } as Proven['proof']
        assert.equal(await verify(circuit.verifyingKey, { proof, publicSignals: signals }), true)
        for (const [index, signal] of signals.entries()) {
          const publicSignals = signals.with(index, String((BigInt(signal) + 1n) % FIELD))
          assert.equal(await verify(circuit.verifyingKey, { proof, publicSignals }), false)
          assert.equal(await verifyProof(verifyingKey, publicSignals, run.proof), false)
        }
      }
    })

    test('two proofs of one statement have no point in common: they are blinded', async () => {
      const [one, other] = [await prover.prove(record()), await prover.prove(record())]
      for (const point of ['pi_a', 'pi_b', 'pi_c'] as const)
        assert.notDeepEqual(one.proof[point], other.proof[point])
    })

    test('refuses what cannot be proved, and goes on in the same processes', async () => {
      const before = prover.processIds()
      const flipped = (at: number, bit: number) => {
        const bytes = Uint8Array.from(witness)
        bytes[at]! ^= bit
        return bytes
      }
      const cases: [Partial<ProveRequest> | { circuit: unknown }, string][] = [
        [{ circuit: 'nothing' }, 'UNKNOWN_CIRCUIT'],
        [{ circuit: '../record-range' }, 'UNKNOWN_CIRCUIT'],
        [{ circuit: undefined }, 'UNKNOWN_CIRCUIT'],
        [{ inputs: { ...inputs, salt: FIELD } }, 'BAD_REQUEST'],
        [{ inputs: { ...inputs, salt: undefined } }, 'BAD_REQUEST'],
        [{ inputs: { ctx: 1n } }, 'BAD_REQUEST'],
        [{ inputs: { ...inputs, more: 1n } }, 'BAD_REQUEST'],
        [{ inputs: { ...inputs, salt: [1n, 2n] } }, 'BAD_REQUEST'],
        [{ inputs: { ...inputs, value: 17n } }, 'WITNESS_REFUSED'],
        [{ inputs: undefined, witness: brokenWitness }, 'WITNESS_REFUSED'],
        [{ inputs: undefined, witness: flipped(0, 1) }, 'BAD_REQUEST'],
        [{ inputs: undefined, witness: flipped(30, 1) }, 'BAD_REQUEST'],
        [{ inputs: undefined, witness: flipped(witness.length - 1, 0x80) }, 'BAD_REQUEST'],
        [{ inputs: undefined, witness: flipped(76 + 32 + 1, 1) }, 'WITNESS_REFUSED'],
        [{ inputs: undefined, witness: flipped(76, 1) }, 'BAD_REQUEST'],
      ]
      for (const [change, code] of cases) {
        const refusal = prover.prove(record(change as Partial<ProveRequest>))
        await assert.rejects(refusal, codeIs(code))
      }
      assert.deepEqual((await prover.prove(record())).publicSignals, signals)
      assert.deepEqual(prover.processIds(), before)
    })

    test('a process that is killed on the way is replaced, and the proof made once more', async () => {
      const stages: ProvingStage[] = []
      const killed = new Set<number>()
      const onProgress = (stage: ProvingStage) => {
        stages.push(stage)
        if (stage !== 'proving' || killed.size > 0) return
        for (const pid of prover.processIds()) {
          killed.add(pid)
          process.kill(pid, 'SIGKILL')
        }
      }
      const run = await prover.prove(record({ onProgress }))
      assert.deepEqual(run.publicSignals, signals)
      assert.deepEqual(stages, ['witness', 'proving', 'witness', 'proving', 'checking'])
      assert.ok(prover.processIds().every((pid) => !killed.has(pid)))
    })

    test('one that is killed twice fails typed, and the next call succeeds', async () => {
      const onProgress = (stage: ProvingStage) => {
        if (stage === 'checking') for (const pid of prover.processIds()) process.kill(pid, 'SIGKILL')
      }
      await assert.rejects(prover.prove(record({ onProgress })), codeIs('PROVER_FAILED'))
      assert.deepEqual((await prover.prove(record())).publicSignals, signals)
    })

    test('a process that dies while nothing is asked of it is replaced', async () => {
      const before = prover.processIds()
      for (const pid of before) process.kill(pid, 'SIGKILL')
      assert.deepEqual((await prover.prove(record())).publicSignals, signals)
      assert.ok(prover.processIds().every((pid) => !before.includes(pid)))
    })

    for (const at of ['witness', 'proving', 'checking'] as const) {
      test(`cancelling at the stage ${at} kills the processes and frees the slot for who waits`, async () => {
        const abort = new AbortController()
        const before = prover.processIds()
        const onProgress = (stage: ProvingStage) => {
          if (stage === at) abort.abort()
        }
        const first = prover.prove(record({ onProgress, signal: abort.signal }))
        const second = prover.prove(record())
        await assert.rejects(first, codeIs('CANCELLED'))
        assert.deepEqual((await second).publicSignals, signals)
        assert.ok(prover.processIds().every((pid) => !before.includes(pid)))
      })
    }

    test('cancelling what waits, or was cancelled before, starts nothing', async () => {
      const abort = new AbortController()
      const stages: ProvingStage[] = []
      const first = prover.prove(record({ onProgress: (stage) => stage === 'proving' && abort.abort() }))
      const second = prover.prove(record({ signal: abort.signal, onProgress: (stage) => stages.push(stage) }))
      await assert.rejects(second, codeIs('CANCELLED'))
      await assert.rejects(prover.prove(record({ signal: abort.signal })), codeIs('CANCELLED'))
      assert.deepEqual((await first).publicSignals, signals)
      assert.deepEqual(stages, [])
    })

    test('a call that takes too long ends typed, and its processes with it', async () => {
      // before a new process can have started
      const slow = pool()
      await slow.keyOf('record-range')
      await assert.rejects(slow.prove(record({ timeoutMs: 5 })), codeIs('PROVER_TIMEOUT'))
      assert.deepEqual(slow.processIds(), [])
      assert.deepEqual((await slow.prove(record())).publicSignals, signals)
    })

    test('proofs beyond slots and queue are refused at once', async () => {
      const small = pool({ maxWaiting: 1 })
      await small.keyOf('record-range')
      const calls = await Promise.allSettled([1, 2, 3, 4].map(() => small.prove(record())))
      assert.deepEqual(
        calls.map((call) => (call.status === 'rejected' ? (call.reason as DuckMeshError).code : 'proved')),
        ['proved', 'proved', 'EXECUTOR_BUSY', 'EXECUTOR_BUSY'],
      )
    })

    test('two slots make two proofs at the same time', async () => {
      const wide = pool({ slots: 2 })
      const { promise: both, resolve } = Promise.withResolvers<void>()
      let proving = 0
      const onProgress = (stage: ProvingStage) => {
        if (stage === 'proving' && ++proving === 2) resolve()
      }
      const runs = [1, 2].map(() => wide.prove(record({ onProgress })))
      await both
      assert.equal(wide.processIds().length, engine === 'native' ? 4 : 2)
      for (const run of await Promise.all(runs)) assert.deepEqual(run.publicSignals, signals)
    })

    test('a process that has grown beyond its limit is not used again', async () => {
      const tight = pool({ memoryMiB: 96 })
      await assert.doesNotReject(tight.prove(record()))
      assert.deepEqual(tight.processIds(), [])
    })

    test('an error of the caller’s own callback is its result, and the slot is free', async () => {
      const onProgress = () => {
        throw new RangeError('of the caller')
      }
      await assert.rejects(prover.prove(record({ onProgress })), RangeError)
      assert.deepEqual((await prover.prove(record())).publicSignals, signals)
    })

    test('closing cancels what runs and waits, ends the processes, and may be repeated', async () => {
      const closing = pool()
      const { promise: proving, resolve } = Promise.withResolvers<void>()
      const calls = [
        closing.prove(record({ onProgress: (stage) => stage === 'proving' && resolve() })),
        closing.prove(record()),
      ]
      const settled = Promise.allSettled(calls)
      await proving
      await Promise.all([closing.close(), closing.close()])
      for (const call of await settled)
        assert.ok(call.status === 'rejected' && codeIs('CANCELLED')(call.reason))
      assert.deepEqual(closing.processIds(), [])
      await assert.rejects(closing.prove(record()), codeIs('CANCELLED'))
    })

    describe('with released keys', () => {
      const folder = mkdtempSync(join(tmpdir(), 'duckmesh-keys-'))
      after(() => rmSync(folder, { recursive: true }))
      const release = (name: string, key: object) =>
        Promise.all([
          copyFile(circuit.zkeyPath, join(folder, `${name}.zkey`)),
          writeFileSync(join(folder, `${name}.json`), JSON.stringify(key)),
        ])

      test('offers those circuits alone, and proves with their keys', async () => {
        await release('record-range', circuit.verifyingKey)
        const released = pool({ keysFolder: folder })
        assert.deepEqual(
          released.circuits().map(({ name }) => name),
          ['record-range'],
        )
        assert.equal((await released.keyOf('record-range')).setup, 'ceremony')
        assert.deepEqual((await released.prove(record())).publicSignals, signals)
        await assert.rejects(released.keyOf('membership'), codeIs('UNKNOWN_CIRCUIT'))
      })

      test('refuses a verifying key with a known fault, and one that is none', async () => {
        const { verifyingKey } = circuit
        for (const key of [{ ...verifyingKey, vk_delta_2: verifyingKey.vk_gamma_2 }, {}]) {
          await release('record-range', key)
          await assert.rejects(pool({ keysFolder: folder }).keyOf('record-range'), codeIs('BAD_CONFIG'))
        }
      })

      test('lets no proof out that does not hold under the verifying key', async () => {
        const [x, y, one] = circuit.verifyingKey.vk_alpha_1
        const negative = String(
          21888242871839275222246405745257275088696311157297823662689037894645226208583n - BigInt(y!),
        )
        await release('record-range', { ...circuit.verifyingKey, vk_alpha_1: [x, negative, one] })
        await assert.rejects(pool({ keysFolder: folder }).prove(record()), codeIs('PROVER_FAILED'))
      })

      test('fails typed over a proving key that is damaged', async () => {
        await release('record-range', circuit.verifyingKey)
        writeFileSync(join(folder, 'record-range.zkey'), new Uint8Array(1_000).fill(7))
        await assert.rejects(pool({ keysFolder: folder }).prove(record()), codeIs('PROVER_FAILED'))
      })
    })
  })
}
