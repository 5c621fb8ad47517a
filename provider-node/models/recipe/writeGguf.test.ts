import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { GgmlType, readGgufFileInfo } from 'node-llama-cpp'
import { quantiseQ8 } from './quantise.ts'
import { writeGguf } from './writeGguf.ts'

describe('writeGguf', () => {
  test('writes header, entry, tensor list and padding byte for byte', () => {
    const file = writeGguf(
      [{ key: 'a', type: 'uint32', value: 7 }],
      [{ name: 't', dimensions: [2], type: 'F32', data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }],
    )
    const header = [
      '47475546' + '03000000' + '0100000000000000' + '0100000000000000',
      '0100000000000000' + '61' + '04000000' + '07000000',
      '0100000000000000' + '74' + '01000000' + '0200000000000000' + '00000000' + '0000000000000000',
    ].join('')
    assert.equal(file.toString('hex', 0, 74), header)
    assert.equal(file.toString('hex', 74, 96), '00'.repeat(22))
    assert.equal(file.toString('hex', 96, 104), '0102030405060708')
    assert.equal(file.length, 128)
  })

  test('a foreign reader finds every entry and tensor, each aligned to 32 bytes', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'duckmesh-gguf-'))
    t.after(() => rm(folder, { recursive: true }))
    const path = join(folder, 'small.gguf')
    const matrix = quantiseQ8(Float32Array.from({ length: 96 }, (_, index) => index))
    const file = writeGguf(
      [
        { key: 'general.architecture', type: 'string', value: 'llama' },
        { key: 'general.name', type: 'string', value: 'Entchen \u{1F986}' },
        { key: 'llama.attention.layer_norm_rms_epsilon', type: 'float32', value: 0.5 },
        { key: 'tokenizer.ggml.add_bos_token', type: 'boolean', value: true },
        { key: 'tokenizer.ggml.tokens', type: 'array', of: 'string', value: ['a', '', '\u2581b'] },
        { key: 'tokenizer.ggml.token_type', type: 'array', of: 'int32', value: [1, -3] },
      ],
      [
        { name: 'first', dimensions: [32, 3], type: 'Q8_0', data: matrix },
        { name: 'second', dimensions: [2], type: 'F32', data: new Uint8Array(8).fill(9) },
      ],
    )
    await writeFile(path, file)
    const info = await readGgufFileInfo(path, { logWarnings: false })
    assert.equal(info.version, 3)
    const { general, tokenizer, llama } = info.metadata as unknown as Record<string, Record<string, unknown>>
    assert.equal(general?.name, 'Entchen \u{1F986}')
    assert.deepEqual(llama?.attention, { layer_norm_rms_epsilon: 0.5 })
    assert.deepEqual(tokenizer?.ggml, {
      add_bos_token: true,
      tokens: ['a', '', '\u2581b'],
      token_type: [1, -3],
    })
    const tensors = info.fullTensorInfo ?? []
    assert.deepEqual(
      tensors.map(({ name, dimensions, ggmlType }) => [name, dimensions.map(Number), ggmlType]),
      [
        ['first', [32, 3], GgmlType.Q8_0],
        ['second', [2], GgmlType.F32],
      ],
    )
    for (const { fileOffset } of tensors) assert.equal(Number(fileOffset) % 32, 0)
    const [first, second] = tensors.map(({ fileOffset }) => Number(fileOffset)) as [number, number]
    assert.deepEqual(file.subarray(first, first + matrix.length), matrix)
    assert.deepEqual([...file.subarray(second, second + 8)], [9, 9, 9, 9, 9, 9, 9, 9])
  })
})
