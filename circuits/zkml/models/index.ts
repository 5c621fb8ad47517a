import { readFileSync } from 'node:fs'
import type { Model } from '../model.ts'

/** @returns where the weights of a model are kept */
export const modelPath = (name: string): URL => new URL(`${name}.json`, import.meta.url)

/** Reads the committed weights of a model: `digits` (196→30→10) or `lenet` (two convolutions, 28×28). */
export const loadModel = (name: 'digits' | 'lenet'): Model =>
  JSON.parse(readFileSync(modelPath(name), 'utf8')) as Model
