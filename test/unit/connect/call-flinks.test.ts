import { expect, test } from 'vitest'
import { mintAuthorizeToken } from '../../../src/connect/connect-flinks.ts'
import { deleteCard } from '../../../src/connect/delete-card.ts'
import { flinksProvider, serve } from '../../support/extract.ts'

test('an answer without end is given up, whatever it was asked for', async () => {
  let sent = 0
  await using flinks = await serve((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536
    }
    response.on('drain', more)
    more()
  })
  const provider = flinksProvider(flinks.url)
  await expect(mintAuthorizeToken(provider)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
  expect(await deleteCard(provider, 'login')).toMatchObject({ confirmed: false })
  expect(flinks.asked).toHaveLength(2)
  expect(sent).toBeLessThan(64 * 1024 * 1024)
})

test('a base URL that leads inside is not asked, and the reason is told', async () => {
  const provider = flinksProvider('https://10.0.0.1')
  await expect(mintAuthorizeToken(provider)).rejects.toMatchObject({ code: 'FOREIGN_ORIGIN' })
})

test('a redirect is not followed', async () => {
  await using elsewhere = await serve((_, response) => response.end('{"Token":"t"}'))
  await using flinks = await serve((_, response) =>
    response.writeHead(307, { location: elsewhere.url }).end(),
  )
  await expect(mintAuthorizeToken(flinksProvider(flinks.url))).rejects.toMatchObject({
    code: 'UNREACHABLE',
  })
  expect(elsewhere.asked).toEqual([])
})
