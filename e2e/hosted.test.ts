// The hosted home: credit that is paid in by signature, API keys, requests paid from credit, and the way back.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type LocalMesh, startMesh } from '@duckmesh/infrastructure/mesh'
import {
  devAccount,
  devIndex,
  devPrivateKey,
  findPostgres,
  startPostgres,
  type TestPostgres,
} from '@duckmesh/local-chain'
import {
  authorizationTypedData,
  type Credit,
  creditSchema,
  duckMeshAbi,
  duckTokenAbi,
  parseDuck,
  routePath,
  gatewayRoutes as routes,
  sessionHeader,
  sessionTypedData,
  stringifyWire,
} from '@duckmesh/protocol'
import OpenAI from 'openai'
import { bytesToHex, createPublicClient, createWalletClient, type Hex, http, type LocalAccount } from 'viem'
import { until } from './support/until.ts'

const bin = findPostgres()
const gatewayIndex = 15
const customer = devAccount(devIndex.buyer)
const model = 'stories15m'

for (const database of ['embedded', 'PostgreSQL'] as const) {
  const skip = database === 'PostgreSQL' && bin === undefined && 'no PostgreSQL here'
  describe(`a coordinator that hosts a gateway, ${database}`, { skip }, () => {
    let stateDir: string
    let mesh: LocalMesh
    let postgres: TestPostgres | undefined
    let audience: Hex
    let apiKey: string

    before(async () => {
      stateDir = await mkdtemp(join(tmpdir(), 'duckmesh-hosted-'))
      if (database === 'PostgreSQL') postgres = await startPostgres(bin!)
      mesh = await startMesh({
        stateDir,
        providers: [{ name: 'a', kind: 'honest' }],
        env: {
          GATEWAY_PRIVATE_KEY: devPrivateKey(gatewayIndex),
          ...(postgres ? { DATABASE_URL: postgres.databaseUrl } : {}),
        },
      })
      const info = await (await fetch(`${mesh.info.coordinatorUrl}/v1/coordinator`)).json()
      audience = (info as { address: Hex }).address
    })
    after(async () => {
      await mesh?.stop()
      await postgres?.remove()
      await rm(stateDir, { recursive: true, force: true })
    })

    const reader = () =>
      createPublicClient({ transport: http(mesh.info.rpcUrl), cacheTime: 0, pollingInterval: 50 })
    const walletWei = (account: Hex) =>
      reader().readContract({
        address: mesh.info.token,
        abi: duckTokenAbi,
        functionName: 'balanceOf',
        args: [account],
      })
    const nowSeconds = async () => Number((await reader().getBlock({ blockTag: 'pending' })).timestamp)

    /** Calls a route of the gateway's accounts as an account. */
    async function call(
      name: keyof typeof routes,
      body?: unknown,
      account: LocalAccount = customer,
      keyId = '',
    ) {
      const route = routes[name]
      const domain = { chainId: mesh.info.chainId, verifyingContract: mesh.info.mesh }
      const session = { account: account.address, audience, expiresAt: Math.floor(Date.now() / 1_000) + 60 }
      const authorization = sessionHeader(
        session,
        await account.signTypedData(sessionTypedData(domain, session)),
      )
      const response = await fetch(`${mesh.info.coordinatorUrl}${routePath(route, { keyId })}`, {
        method: route.method,
        headers: { authorization },
        ...(body === undefined ? {} : { body: stringifyWire(body) }),
      })
      // biome-ignore lint/suspicious/noExplicitAny: the test asserts what is in it
      return { status: response.status, body: (await response.json()) as any }
    }
    const credit = async (): Promise<Credit> => creditSchema.parse((await call('credit')).body)

    /** Signs an ERC-3009 authorisation of the customer. */
    async function authorise(
      kind: 'ReceiveWithAuthorization' | 'TransferWithAuthorization',
      { to, amountWei, validBefore, nonce }: { to: Hex; amountWei: bigint; validBefore: number; nonce: Hex },
    ): Promise<Hex> {
      const { token } = await credit()
      const [, name, version, chainId, verifyingContract] = await reader().readContract({
        address: token,
        abi: duckTokenAbi,
        functionName: 'eip712Domain',
      })
      const authorization = {
        from: customer.address,
        to,
        value: amountWei,
        validAfter: 0n,
        validBefore: BigInt(validBefore),
        nonce,
      }
      const domain = { name, version, chainId: Number(chainId), verifyingContract }
      return customer.signTypedData(authorizationTypedData(kind, domain, authorization) as never)
    }

    /** Signs a payment to the gateway. */
    async function payment(amountWei: bigint, changes: { to?: Hex; nonce?: Hex } = {}) {
      const nonce = changes.nonce ?? bytesToHex(randomBytes(32))
      const validBefore = (await nowSeconds()) + 600
      const to = changes.to ?? (await credit()).payee
      const signature = await authorise('ReceiveWithAuthorization', { to, amountWei, validBefore, nonce })
      return { amountWei, validAfter: 0, validBefore, nonce, signature }
    }

    const complete = (maxTokens = 16) => {
      const client = new OpenAI({ baseURL: `${mesh.info.coordinatorUrl}/openai/v1`, apiKey, maxRetries: 0 })
      return client.completions.create({ model, prompt: 'Once', max_tokens: maxTokens, temperature: 0 })
    }

    test('without credit there is no key; a session is needed for everything', async () => {
      const { status, body } = await call('createKey', {})
      assert.deepEqual([status, body.error.code], [402, 'CREDIT_TOO_LOW'])
      const response = await fetch(`${mesh.info.coordinatorUrl}${routes.credit.path}`)
      assert.equal(response.status, 401)
    })

    test('a signed payment becomes credit once, at the gas of the gateway; another signature does not', async () => {
      const before = await walletWei(customer.address)
      const paid = await payment(parseDuck('5'))
      const [first, second] = await Promise.all([call('topUp', paid), call('topUp', paid)])
      assert.ok(
        [first, second].some(({ body }) => body.state === 'done'),
        JSON.stringify([first, second]),
      )
      assert.equal((await call('topUp', paid)).body.state, 'done')
      assert.equal((await credit()).freeWei, parseDuck('5'))
      assert.equal(before - (await walletWei(customer.address)), parseDuck('5'))
      const forged = { ...(await payment(parseDuck('5'))), amountWei: parseDuck('6') }
      assert.deepEqual((await call('topUp', forged)).body.error.code, 'CHAIN_REVERTED')
      const small = await payment(1n)
      assert.deepEqual((await call('topUp', small)).body.error.code, 'BAD_REQUEST')
      const foreign = await call('topUp', await payment(parseDuck('1')), devAccount(devIndex.deployer))
      assert.equal(foreign.body.error.code, 'CHAIN_REVERTED', 'credited to nobody but its signer')
      assert.equal((await credit()).freeWei, parseDuck('5'))
    })

    test('an API key buys answers from the credit, to the wei of the receipt; only its hash is stored', async () => {
      apiKey = (await call('createKey', { label: 'test' })).body.key
      assert.match(apiKey, /^dm-[\w-]{43}$/)
      const { body } = await call('keys')
      assert.ok(!JSON.stringify(body).includes(apiKey))
      // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
      const { duckmesh, choices } = (await complete()) as any
      assert.ok(choices[0].text.length > 5)
      const { freeWei, heldWei, spentWei } = await credit()
      assert.equal(spentWei, BigInt(duckmesh.costWei))
      assert.deepEqual([freeWei + spentWei, heldWei], [parseDuck('5'), 0n])
    })

    test('a wrong key, a revoked key, a key over its limit', async () => {
      const good = apiKey
      apiKey = 'dm-wrong'
      await assert.rejects(complete(), OpenAI.AuthenticationError)
      const limited = (await call('createKey', { limitWei: parseDuck('0.0005') })).body
      apiKey = limited.key
      await assert.rejects(complete(), (error) => error instanceof OpenAI.APIError && error.status === 402)
      const stranger = await call('revokeKey', undefined, devAccount(devIndex.deployer), limited.keyId)
      assert.equal(stranger.status, 404)
      assert.equal((await call('revokeKey', undefined, customer, limited.keyId)).status, 200)
      await assert.rejects(complete(), OpenAI.AuthenticationError)
      apiKey = good
    })

    test('a crash in the middle of a request loses no credit; what it held comes back or is spent, never both', async () => {
      const before = await credit()
      const client = new OpenAI({ baseURL: `${mesh.info.coordinatorUrl}/openai/v1`, apiKey, maxRetries: 0 })
      const wish = { model, prompt: 'Once', max_tokens: 200, temperature: 1 }
      const stream = await client.completions.create({ ...wish, stream: true })
      const cut = assert.rejects(async () => {
        for await (const _part of stream) mesh.services.get('coordinator')!.kill()
      })
      await cut
      await mesh.restart('coordinator')
      const { freeWei, heldWei, spentWei } = await credit()
      assert.equal(freeWei + heldWei + spentWei, before.freeWei + before.heldWei + before.spentWei)
      assert.ok(heldWei > 0n, 'freed when the longest life of a request is over')
      await until(
        'the provider is there again',
        async () => (await complete(4).catch(() => undefined)) !== undefined,
        30_000,
      )
    })

    test('unused credit goes back, to the account itself, and never more than there is', async () => {
      const before = await walletWei(customer.address)
      const { freeWei } = await credit()
      assert.equal((await call('withdraw', { amountWei: freeWei + 1n })).body.error.code, 'CREDIT_TOO_LOW')
      assert.equal((await call('withdraw', { amountWei: 0n })).body.error.code, 'BAD_REQUEST')
      const amountWei = parseDuck('3')
      const [one, two] = await Promise.all([call('withdraw', { amountWei }), call('withdraw', { amountWei })])
      const states = [one, two].map(({ body }) => body.state ?? body.error.code).sort()
      assert.deepEqual(states, ['CREDIT_TOO_LOW', 'done'])
      assert.equal((await walletWei(customer.address)) - before, amountWei)
      assert.equal((await credit()).freeWei, freeWei - amountWei)
    })

    test('a nonce that its signer used up elsewhere gives no credit', async () => {
      const before = await credit()
      const paid = await payment(parseDuck('1'))
      const wallet = createWalletClient({ account: customer, transport: http(mesh.info.rpcUrl) })
      const { token } = before
      // the same nonce, spent by a transfer of the same amount to somebody else
      const to = devAccount(devIndex.treasury).address
      const { nonce, amountWei, validBefore } = paid
      const signature = await authorise('TransferWithAuthorization', { to, amountWei, validBefore, nonce })
      const args = [customer.address, to, amountWei, 0n, BigInt(validBefore), nonce, signature] as const
      const abi = duckTokenAbi
      const send = {
        address: token,
        abi,
        functionName: 'transferWithAuthorization',
        args,
        chain: null,
      } as const
      await reader().waitForTransactionReceipt({ hash: await wallet.writeContract(send as never) })
      const { body } = await call('topUp', paid)
      assert.equal(body.error?.code ?? body.state, 'CHAIN_REVERTED')
      assert.equal((await credit()).freeWei, before.freeWei)
    })

    test('what the gateway holds covers what it owes to its users', async () => {
      const { payee, freeWei, heldWei } = await credit()
      const contract = { address: mesh.info.mesh, abi: duckMeshAbi } as const
      const read = reader()
      const opened = await read.getContractEvents({
        ...contract,
        eventName: 'ChannelOpened',
        args: { payer: payee },
        fromBlock: 0n,
      })
      const channels = await Promise.all(
        opened.map(({ args }) =>
          read.readContract({ ...contract, functionName: 'channelOf', args: [args.channelId!] }),
        ),
      )
      const inChannelsWei = channels.reduce(
        (sum, channel) => sum + channel.fundedWei - channel.claimedWei,
        0n,
      )
      const freeInMeshWei = await read.readContract({ ...contract, functionName: 'accountOf', args: [payee] })
      const hasWei = (await walletWei(payee)) + freeInMeshWei + inChannelsWei
      assert.ok(inChannelsWei > 0n)
      assert.ok(hasWei >= freeWei + heldWei, `${hasWei} is less than ${freeWei + heldWei}`)
    })
  })
}
