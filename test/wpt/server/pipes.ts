/** What a file is answered with, before and after its pipes. */
export interface FileAnswer {
  status: number | readonly [number, string];
  headers: [name: string, value: string][];
  body: Buffer;
}

/** Whether a pipe asks for substitution. */
export function asksForSubstitution(pipe: string): boolean {
  return parse(pipe).some(([name]) => name === 'sub');
}

/** Applies what `?pipe=` asks for: `header(name,value[,append])` and `status(code)`. */
export function applyPipes(answer: FileAnswer, pipe: string): void {
  for (const [name, ...values] of parse(pipe)) {
    const [first = '', second = '', append = ''] = values;
    if (name === 'status') answer.status = Number(first);
    if (name !== 'header') continue;
    if (append.toLowerCase() !== 'true') {
      answer.headers = answer.headers.filter(([key]) => key.toLowerCase() !== first.toLowerCase());
    }
    answer.headers.push([first, second]);
  }
}

/** `name(a,b)|name(c)`, where a backslash takes the meaning from the character after it. */
function parse(pipe: string): string[][] {
  return [...pipe.matchAll(/(\w+)(?:\(((?:\\.|[^)\\])*)\))?/g)].map(([, name = '', values = '']) => [
    name,
    ...[...values.matchAll(/(?:^|,)((?:\\.|[^,\\])*)/g)].map(([, value = '']) =>
      value.replace(/\\(.)/g, '$1'),
    ),
  ]);
}
