// Writes docs/reference/client from the package's types and their comments.
//
//   node reference.mjs            writes the files
//   node reference.mjs --check    fails when a file is not what the types say
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const FOLDER = new URL('../docs/reference/client/', import.meta.url);
const PAGES = [
  {
    file: 'page.md',
    title: 'In the page: `stowaway-client`',
    entry: 'src/page/index.ts',
    project: 'tsconfig.json',
  },
  {
    file: 'element.md',
    title: 'Elements: `stowaway-client/element` and `stowaway-client/library`',
    entry: 'src/page/element/define-library.ts',
    project: 'tsconfig.json',
  },
  {
    file: 'worker.md',
    title: 'In the worker: `stowaway-client/sw`',
    entry: 'src/sw/index.ts',
    project: 'tsconfig.sw.json',
  },
];
/** Types of documents: the schemas beside the reference describe them, field by field. */
const DOCUMENTS = 'generated.ts';

const stale = [];
for (const page of PAGES) write(page.file, renderPage(page));
if (stale.length > 0) {
  console.error(
    `${stale.join(', ')} in docs/reference/client: not what the types say, run \`npm run reference\``,
  );
  process.exit(1);
}

function write(file, text) {
  const target = new URL(file, FOLDER);
  if (!process.argv.includes('--check')) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(target, text);
  } else if (read(target) !== text) stale.push(file);
}

/** undefined when it is not there, which is stale, too. */
function read(target) {
  try {
    return readFileSync(target, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function renderPage({ title, entry, project }) {
  const { program, source } = open(entry, project);
  const checker = program.getTypeChecker();
  const symbols = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
  const documents = symbols.filter((symbol) => fileOf(symbol) === DOCUMENTS);
  const own = symbols.filter((symbol) => fileOf(symbol) !== DOCUMENTS);
  const sections = own
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .map((symbol) => renderSymbol(checker, symbol));
  return `${[
    `# ${title}`,
    '<!-- Generated from the types by `npm run reference`: not to be edited. -->',
    own.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · '),
    ...sections,
    ...renderDocuments(documents),
  ].join('\n\n')}\n`;
}

function open(entry, project) {
  const root = fileURLToPath(new URL('.', import.meta.url));
  const { config } = ts.readConfigFile(`${root}${project}`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([`${root}${entry}`], { ...options, noEmit: true });
  return { program, source: program.getSourceFile(`${root}${entry}`) };
}

function fileOf(symbol) {
  return basename(symbol.declarations[0].getSourceFile().fileName);
}

/** Functions first, then what they give and take, then errors. */
function rank({ flags }) {
  if (flags & ts.SymbolFlags.Function) return 0;
  return flags & ts.SymbolFlags.Class ? 2 : 1;
}

function renderSymbol(checker, symbol) {
  const [declaration] = symbol.declarations;
  const parts = [`## ${symbol.name}`, ...renderComment(checker, symbol)];
  if (ts.isTypeAliasDeclaration(declaration)) parts.push(code(withoutExport(declaration)));
  else if (ts.isFunctionDeclaration(declaration))
    parts.push(code(signatureOf(declaration)), ...renderTags(symbol));
  else parts.push(...renderMembers(checker, declaration));
  return parts.join('\n\n');
}

/** Fields as a table, methods one by one. */
function renderMembers(checker, declaration) {
  const heritage = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
    types.map((type) => type.getText()),
  );
  const members = declaration.members.filter(isPublic);
  const fields = members.filter((member) => !isMethod(member));
  const methods = members.filter(isMethod);
  const parts = heritage.length > 0 ? [`Is a ${heritage.map((name) => `\`${name}\``).join(', ')}.`] : [];
  if (fields.length > 0) {
    parts.push(
      [
        '| field | type | meaning |',
        '|---|---|---|',
        ...fields.map((field) => {
          const { name, questionToken, type } = field;
          const text = commentOf(checker, checker.getSymbolAtLocation(name)).replaceAll('\n', ' ');
          return `| \`${name.getText()}${questionToken ? '?' : ''}\` | ${cell(type ?? field.initializer)} | ${text} |`;
        }),
      ].join('\n'),
    );
  }
  for (const method of methods) {
    const symbol = checker.getSymbolAtLocation(method.name);
    const overloads = symbol.declarations;
    if (overloads[0] !== method) continue;
    parts.push(`### ${declaration.name.text}.${symbol.name}`);
    for (const overload of overloads) {
      const { comment, tags } = ts.getJSDocCommentsAndTags(overload)[0] ?? {};
      parts.push(code(signatureOf(overload)), ...textOf(comment), ...listOf(tags));
    }
  }
  return parts;
}

function isPublic(member) {
  const isHidden = (member.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
  return (
    member.name &&
    !ts.isPrivateIdentifier(member.name) &&
    !isHidden &&
    !/Callback$|^observed/.test(member.name.getText())
  );
}

function isMethod(member) {
  return ts.isMethodSignature(member) || ts.isMethodDeclaration(member);
}

function renderComment(checker, symbol) {
  const text = commentOf(checker, symbol);
  return text ? [text] : [];
}

function commentOf(checker, symbol) {
  return plain(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
}

function renderTags(symbol) {
  return listOf(symbol.declarations.flatMap((declaration) => ts.getJSDocTags(declaration)));
}

function textOf(comment) {
  return comment ? [plain(ts.getTextOfJSDocComment(comment))] : [];
}

/** What it takes and throws. */
function listOf(tags = []) {
  const lines = tags.flatMap((tag) => {
    const text = plain(ts.getTextOfJSDocComment(tag.comment) ?? '').replaceAll('\n', ' ');
    if (tag.tagName.text === 'param') return [`- \`${tag.name.getText()}\`: ${text}`];
    // TypeScript takes the first word of @throws for a type.
    if (tag.tagName.text === 'throws') {
      const thrown = tag
        .getText()
        .replace(/^@throws\s*/, '')
        .replace(/\s*\n\s*\*\s*/g, ' ');
      return [`- throws ${plain(thrown)}`];
    }
    if (tag.tagName.text === 'example') return [`- for example \`${text}\``];
    return [];
  });
  return lines.length > 0 ? [lines.join('\n')] : [];
}

/** Links become words: everything named is on the same page. */
function plain(text) {
  return text
    .replace(/\{@link ([\w.]+) *\}/g, (_, name) => `[${name}](#${name.replaceAll('.', '').toLowerCase()})`)
    .trim();
}

function cell(node) {
  return node ? `\`${node.getText().replace(/\s+/g, ' ').replace(/^\| /, '').replaceAll('|', '\\|')}\`` : '';
}

function signatureOf(declaration) {
  const { name, parameters, type } = declaration;
  const words = ts.isFunctionDeclaration(declaration) ? 'function ' : '';
  return `${words}${name.getText()}(${parameters.map((parameter) => parameter.getText()).join(', ')}): ${type?.getText() ?? 'void'}`;
}

function withoutExport(declaration) {
  return declaration.getText().replace(/^export /, '');
}

function code(text) {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function renderDocuments(symbols) {
  if (symbols.length === 0) return [];
  const names = symbols.map(({ name }) => `\`${name}\``).sort();
  return [
    '## Documents',
    `What the server speaks: ${names.join(', ')}. Their fields are in the schemas of the [catalogue](../catalogue.schema.json), the [manifest](../manifest.schema.json) and the [piece index](../piece-index.schema.json), from which the types are generated.`,
  ];
}
