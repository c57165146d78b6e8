import { type Completable, type CompletableFlag, withDescendants } from './completable.ts'

/** A script for bash, from 3.2 on, which macOS still has. */
export function renderBash(program: Completable): string {
  const all = withDescendants(program)
  const valued = all.flatMap((command) =>
    command.flags.filter(({ value }) => value).map((flag) => place(command, flag)),
  )
  return `# What bash completes of drover. In ~/.bashrc: source <(drover completion bash)
_drover() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path=drover flag= words= files= word i
  COMPREPLY=()
  # --flag=value is three words here.
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == '=' ]] && continue
    if [[ -n $flag ]]; then
      flag=
    elif [[ $word == -* ]]; then
      case "$path $word" in
        ${patterns(valued)}) flag=$word ;;
      esac
    else
      case "$path $word" in
        ${patterns(all.slice(1).map(({ path }) => path.join(' ')))}) path="$path $word" ;;
      esac
    fi
  done
  [[ $cur == '=' ]] && cur=
  if [[ -n $flag ]]; then
    case "$path $flag" in
${valueCases(all)}
    esac
  elif [[ $cur == -* ]]; then
    case "$path" in
${all
  .map(({ path, flags }) =>
    branch(
      path.join(' '),
      flags.flatMap(({ names }) => names),
    ),
  )
  .join('\n')}
    esac
  else
    case "$path" in
${argumentCases(all)}
    esac
  fi
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$cur")
  if [[ -n $files ]]; then
    compopt -o filenames 2> /dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
  fi
}
complete -F _drover drover
`
}

/** The flag by each of its names, behind the words that call its command. */
function place({ path }: Completable, { names }: CompletableFlag): string {
  return names.map((name) => [...path, name].join(' ')).join("' | '")
}

function patterns(places: readonly string[]): string {
  return places.map((each) => `'${each}'`).join(' | ')
}

function branch(pattern: string, words: readonly string[], takesFiles = false): string {
  return `      '${pattern}') words='${words.join(' ')}'${takesFiles ? ' files=1' : ''} ;;`
}

function valueCases(all: readonly Completable[]): string {
  const cases = all.flatMap((command) =>
    command.flags.flatMap((flag) => {
      if (flag.value === undefined || flag.value.kind === 'text') return []
      const choices = flag.value.kind === 'choice' ? flag.value.choices : []
      return [branch(place(command, flag), choices, flag.value.kind === 'file')]
    }),
  )
  return cases.join('\n')
}

function argumentCases(all: readonly Completable[]): string {
  const cases = all.map((command) => {
    const choices = command.arguments.flatMap((value) => (value.kind === 'choice' ? value.choices : []))
    const commands = command.commands.map(({ path }) => path.at(-1)!)
    const takesFiles = command.arguments.some(({ kind }) => kind === 'file')
    return branch(command.path.join(' '), [...commands, ...choices], takesFiles)
  })
  return cases.join('\n')
}
