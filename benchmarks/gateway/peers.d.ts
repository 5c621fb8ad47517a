// What is used of two peers that come without types.
declare module 'autocannon' {
  export default function autocannon(options: {
    url: string
    method: string
    connections: number
    duration: number
    headers: Record<string, string>
    body: string
  }): Promise<{ requests: { average: number }; non2xx: number; errors: number }>
}
declare module 'http-proxy' {
  import type { Agent, IncomingMessage, ServerResponse } from 'node:http'

  const httpProxy: {
    createProxyServer(options: { target: string; agent: Agent }): {
      web(request: IncomingMessage, response: ServerResponse): void
    }
  }
  export default httpProxy
}
