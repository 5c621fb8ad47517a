/** The part of WebAssembly that this package uses: Node has it, but the language's own types put it with the browser's. */
declare namespace WebAssembly {
  interface Module {
    readonly __module: never
  }
  interface Instance {
    exports: Record<string, unknown>
  }
  interface Memory {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
  function instantiate(module: Module, imports: Record<string, Record<string, unknown>>): Promise<Instance>
}
