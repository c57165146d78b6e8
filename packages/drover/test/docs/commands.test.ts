import { expect, test } from 'vitest'
import { refusalOf } from './call.ts'
import { isForOmission, mentionsOf } from './mention.ts'
import { pages, placeOf } from './page.ts'
import { commandsOf } from './shell.ts'

const languages = ['sh', 'bash', 'console', 'shell']

test('every command in a block is one, with its flags and their values', async () => {
  const refused: string[] = []
  let calls = 0
  for (const page of pages) {
    for (const block of page.blocks.filter(({ language }) => languages.includes(language))) {
      for (const { words, line } of commandsOf(block.text)) {
        calls += 1
        const refusal = await refusalOf(words)
        if (refusal !== undefined) refused.push(`${placeOf(page, block.line + line)}: ${words.join(' ')}: ${refusal}`)
      }
    }
  }
  expect(calls).toBeGreaterThan(60)
  expect(refused).toEqual([])
})

test('so is every command that a text names', async () => {
  const refused: string[] = []
  let calls = 0
  for (const page of pages.filter(({ path }) => !path.startsWith('docs/decisions/'))) {
    for (const mention of mentionsOf(page)) {
      for (const call of mention.calls) {
        calls += 1
        const [command] = commandsOf(call)
        const refusal = await refusalOf(command!.words)
        if (refusal === undefined || isForOmission(refusal)) continue
        refused.push(`${placeOf(page, mention.line)}: ${call}: ${refusal}`)
      }
    }
  }
  expect(calls).toBeGreaterThan(60)
  expect(refused).toEqual([])
})

test.each([
  ['drover rnu migration.ts', "error: unknown command 'rnu'\n(Did you mean run?)"],
  ['drover quarantine lst', "error: unknown command 'lst'\n(Did you mean list?)"],
  ['npx drover run migration.ts --worker 2', "error: unknown option '--worker'\n(Did you mean --workers?)"],
  ['drover run migration.ts --allow everything', expect.stringContaining('There is no hazard everything')],
  ['drover plan', "error: missing required argument 'migration'"],
  ['drover worker --run …', expect.stringContaining("argument '…' is invalid")],
  ['npm run demos', 'npm knows no script demos'],
  ['npm run demo --scale m', 'npm takes --scale for itself: -- is missing'],
  ['npm run demo -- --scale xl', expect.stringContaining('--scale')],
  ['npm run bench -- everything', 'the bench has no part everything'],
  ['npm run drover -- status --run last', expect.stringContaining('A run is named by its number')],
])('refused is %s', async (call, refusal) => {
  expect(await refusalOf(commandsOf(call)[0]!.words)).toEqual(refusal)
})

test.each(['drover --help', 'drover status', 'npm run drover --', 'npm test', 'psql -f back.sql'])(
  'not refused is %s',
  async (call) => {
    expect(await refusalOf(commandsOf(call)[0]!.words)).toBeUndefined()
  },
)

test('a block is read as a shell reads it', () => {
  const block = `# nothing
$ A=1 drover run 'a b.ts' \\
    --allow x,y   # allowed
export B=2; drover accept --why "it's \\"so\\"" && npm test | cat
C=3
drover x "$URL" $(date) a#b 2>&1`
  expect(commandsOf(block)).toEqual([
    { line: 1, words: ['drover', 'run', 'a b.ts', '--allow', 'x,y'] },
    { line: 3, words: ['export', 'B=2'] },
    { line: 3, words: ['drover', 'accept', '--why', `it's "so"`] },
    { line: 3, words: ['npm', 'test'] },
    { line: 3, words: ['cat'] },
    { line: 5, words: ['drover', 'x', '$URL', '$(date)', 'a#b', '2>&1'] },
  ])
})

test('brackets of a text are choices', () => {
  const page = {
    path: '',
    text: '',
    blocks: [],
    prose: 'see\n`drover plan [--sql \\| --json]` and `drover` and `npm test`',
  }
  expect(mentionsOf(page)).toEqual([{ line: 2, calls: ['drover plan ', 'drover plan --sql', 'drover plan --json'] }])
})
