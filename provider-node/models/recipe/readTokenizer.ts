/** One entry of the vocabulary, in the form that GGUF wants. */
export type VocabularyToken = {
  text: string
  /** Merge priority: higher first. */
  score: number
  /** GGUF token type: 1 text, 2 unknown, 3 control, 6 single byte. */
  type: 1 | 2 | 3 | 6
}

const FIRST_BYTE_TOKEN = 3
const FIRST_TEXT_TOKEN = FIRST_BYTE_TOKEN + 256
const SPECIAL = [
  { text: '<unk>', type: 2 },
  { text: '<s>', type: 3 },
  { text: '</s>', type: 3 },
] as const

/**
 * Reads the tokenizer format of llama2.c: the longest text (int32), then score (float32), length (int32) and bytes
 * of each token. The format has lost two things of the SentencePiece model that GGUF needs back: word starts are
 * spaces instead of U+2581, and byte tokens are raw bytes instead of `<0xNN>`.
 * Source: karpathy/llama2.c, tokenizer.py, `export`.
 */
export function readTokenizer(file: Buffer, vocabularySize: number): VocabularyToken[] {
  let offset = 4
  return Array.from({ length: vocabularySize }, (_, id) => {
    const score = file.readFloatLE(offset)
    const start = offset + 8
    offset = start + file.readInt32LE(offset + 4)
    const special = SPECIAL[id]
    if (special) return { ...special, score }
    if (id < FIRST_TEXT_TOKEN) {
      const byte = (id - FIRST_BYTE_TOKEN).toString(16).toUpperCase().padStart(2, '0')
      return { text: `<0x${byte}>`, score, type: 6 }
    }
    return { text: file.toString('utf8', start, offset).replaceAll(' ', '\u2581'), score, type: 1 }
  })
}
