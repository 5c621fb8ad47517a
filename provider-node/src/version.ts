import manifest from '../package.json' with { type: 'json' }

/** Version of this node. */
export const version: string = manifest.version
