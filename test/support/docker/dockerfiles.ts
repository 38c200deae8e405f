// Dockerfiles and the one base each is built from, which is nowhere: BuildKit's refusal names it, and our reader must find the same.

export interface Written {
  readonly text: string;
  readonly args: Readonly<Record<string, string>>;
  /** Below `localhost:1/`. */
  readonly base: string;
}

const row = (base: string, text: string, args: Readonly<Record<string, string>> = {}): Written => ({
  base,
  text,
  args,
});
const from = (base: string, ref: string, ...args: readonly string[]): Written =>
  row(base, `${args.map((arg) => `ARG ${arg}\n`).join('')}FROM localhost:1/${ref}\n`);
const after = (instruction: string): Written => row('after', `FROM scratch\n${instruction}\nFROM localhost:1/after\n`);
const body = (instruction: string, end: string): Written => after(`${instruction}\nFROM localhost:1/no\n${end}`);

export const written: readonly Written[] = [
  from('plain', 'plain'),
  // quotes and escapes
  from('quoted', '"quoted"'),
  row('single', "FROM 'localhost:1/single'\n"),
  from('ab', 'a\\b'),
  from('al', 'a$A', 'A="l"'),
  from('xy', '$A', 'A=x\\y'),
  from('two', '$B', 'A="one two" B=two'),
  from('lk', '$A$B', 'A=l \\\n  # comment\n\n B=k'),
  // defaults, nested and with quotes
  from('q', '${A:-"q"}', 'A'),
  from('bb', '${A:-${B}}', 'A', 'B=bb'),
  from('cd', '${A:-${B:-${C}d}}', 'A', 'B=', 'C=c'),
  from('dfltx', '${A-dflt}x', 'A'),
  from('zqr', 'z${A:-q}${A-w}${A:+e}${A+r}', 'A='),
  from('setun', '${A+set}${B+no}${B-un}', 'A=a'),
  from('c', '$A', 'A=${B:-c}', 'B=d'),
  from('c', '$A', 'A=b A=c', 'A'),
  from('xb', 'x$A$NONE', 'A=b # c'),
  // beginnings, ends and parts
  from('bcabc', '${A#a}', 'A=abcabc'),
  from('c', '${A##*b}', 'A=abcabc'),
  from('abca', '${A%b*}', 'A=abcabc'),
  from('a', '${A%%b*}', 'A=abcabc'),
  from('axcabc', '${A/b/x}', 'A=abcabc'),
  from('axcaxc', '${A//b/x}', 'A=abcabc'),
  from('axax', '${A//b?/"x"}', 'A=abcabc'),
  from('a-b-c', '${A//\\//-}', 'A=a/b/c'),
  from('x-y', '${A/./-}', 'A=x.y'),
  from('xay', '${A/[a]/-}', 'A=xay'),
  from('xby', '${A/$B/b}', 'A=xaay B=aa'),
  from('zay', 'z${A#$B}', 'A=xaay B=*a'),
  from('yx', 'y${A%\\}*}', 'A=x}y'),
  // where arguments come from
  row('p-x', 'ARG A=l\nFROM localhost:1/${A}-x\n', { A: 'p' }),
  row('m-x', 'ARG A=l\nFROM localhost:1/${A:-m}-x\n', { A: '' }),
  row('n-x', 'FROM localhost:1/${A:-n}-x\n', { A: 'undeclared' }),
  row('qq', 'ARG A=q\nFROM scratch\nARG A=z\nFROM localhost:1/q${A}\n'),
  from('a-zz', 'a-$TARGETARCH', 'TARGETARCH=zz'),
  from('linux-x', '$A', 'A=${TARGETOS}-x'),
  // directives and lines
  row('alx', '# escape=`\nFROM localhost:1/al`\n   \nx\n'),
  row('alx', '# check=skip=all\n# escape=`\nFROM localhost:1/al`\nx\n'),
  row('alx', '#\n# escape=`\nFROM localhost:1/al\\\nx\n'),
  row('alx', '\n# escape=`\nFROM localhost:1/al\\\nx\n'),
  row('bom', '\ufeffFROM localhost:1/bom\n'),
  row('low', '   from   --platform=$BUILDPLATFORM    localhost:1/low   as   x\n'),
  // stages
  row('c', 'FROM localhost:1/unused AS l\nFROM localhost:1/c AS later\n'),
  row('c', 'FROM scratch AS l\nCOPY --from=later / /\nFROM localhost:1/c AS later\nFROM l\n'),
  row('fin', 'FROM scratch AS Base\nFROM base\nCOPY --link --from=localhost:1/fin / /\n'),
  row('flagq', 'FROM scratch\nCOPY --from="localhost:1/flagq" / /\n'),
  row('one', 'FROM scratch\nRUN --mount=from=localhost:1/one,target=/x --network=none true\n'),
  row('csv', 'FROM scratch\nRUN --mount=type=bind,"from=localhost:1/csv",target=/x true\n'),
  row('link', 'FROM scratch\nRUN echo --mount=from=localhost:1/no\nCOPY --from=localhost:1/link / /\n'),
  // no here-documents
  after('RUN echo $((1<<3)) > /eight'),
  after('RUN cat <<<EOF'),
  after('RUN echo "<<EOF" \'<<X\''),
  after("RUN echo it's <<EOF"),
  after('RUN echo \\<<EOF'),
  after('RUN echo ${A:-<<EOF}'),
  after('RUN ["echo", "<<EOF"]'),
  after('COPY ["<<EOF", "/x"]'),
  after('ENV X=<<EOF'),
  after('HEALTHCHECK CMD true <<EOF'),
  after('RUN echo \\\\'),
  // here-documents
  body('RUN cat <<EOF', 'EOF'),
  body('RUN cat 3<<EOF', 'EOF'),
  body("RUN python3 - <<'EOF'", ' EOF\nEOF \nEOF'),
  body('COPY <<-"E F" /x', '\tE F'),
  body('ADD <<E\\OF /x', 'EOF'),
  body('RUN <<A$B', 'A$B'),
  body('RUN true # <<EOF', 'EOF'),
  body('RUN ["a" <<EOF', 'EOF'),
  body('ONBUILD RUN <<EOF', 'EOF'),
  body('RUN --mount=type=cache,target=/x <<EOF', 'EOF'),
  body('COPY <<EOF <<B /x/', 'EOF\nFROM localhost:1/nob\nB'),
  body('RUN cat <<EOF>/x', 'EOF>/x'),
  row('after', 'FROM scratch\r\nRUN cat <<EOF\r\nFROM localhost:1/no\r\nEOF\r\nFROM localhost:1/after\r\n'),
];
