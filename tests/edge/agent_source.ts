/**
 * The TypeScript of a folder as the house tests look at it: who imports what, what is declared, how long
 * functions are. Owns reading the syntax tree; must not know any rule.
 */
import { dirname, join } from "node:path";
import ts from "typescript";

const ROOT = new URL("../../", import.meta.url).pathname;

/** One `import` or `export … from` of another file of the project. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** Null: everything. */
  readonly names: readonly string[] | null;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
  readonly isExport: boolean;
}

export interface Declared {
  readonly name: string;
  readonly isExported: boolean;
  readonly isType: boolean;
  /** Uses of the name in its own file besides its declaration. */
  readonly usesAtHome: number;
  /** Names of the members of an interface. */
  readonly members: readonly string[];
}

export interface FunctionShape {
  readonly at: string;
  readonly lines: number;
  readonly parameters: number;
}

export interface SourceFile {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Packages and modules of the runtime. */
  readonly packages: readonly string[];
  readonly declared: readonly Declared[];
  readonly functions: readonly FunctionShape[];
}

/** By folder: several rules look at the same one, and reading a file costs its whole syntax tree. */
const known = new Map<string, readonly SourceFile[]>();

/** Every TypeScript file under a folder that is named from the root. */
export function sourcesUnder(folder: string): readonly SourceFile[] {
  const found = known.get(folder) ??
    filesUnder(folder).map((path) => readSource(path, Deno.readTextFileSync(ROOT + path)));
  known.set(folder, found);
  return found;
}

function filesUnder(folder: string): string[] {
  return [...Deno.readDirSync(ROOT + folder)].sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => {
      const path = join(folder, name);
      if (isDirectory) return filesUnder(path);
      return name.endsWith(".ts") ? [path] : [];
    });
}

/** Whether a file of that name is there, seen from `path`, from the folder or from the root. */
export function isThere(named: string, path: string, folder: string): boolean {
  return [dirname(path), folder, "."].some((place) => {
    try {
      return Deno.statSync(ROOT + join(place, named)).isFile;
    } catch {
      return false;
    }
  });
}

export function readSource(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const links = tree.statements.filter((one) =>
    ts.isImportDeclaration(one) || ts.isExportDeclaration(one)
  );
  const uses = countNames(tree);
  return {
    path,
    text,
    imports: [...links.flatMap((one) => linkOf(path, one)), ...laterImports(path, tree)],
    packages: links.map(specifier).filter((name) => name !== "" && !name.startsWith(".")),
    declared: tree.statements.flatMap((one) => declaredIn(one, uses)),
    functions: functionsIn(path, tree),
  };
}

type Link = ts.ImportDeclaration | ts.ExportDeclaration;

function specifier({ moduleSpecifier }: Link): string {
  return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : "";
}

function linkOf(path: string, link: Link): Import[] {
  const target = specifier(link);
  if (!target.startsWith(".")) return [];
  const isExport = ts.isExportDeclaration(link);
  const bound = isExport ? link.exportClause : link.importClause?.namedBindings;
  const isList = bound !== undefined && (ts.isNamedImports(bound) || ts.isNamedExports(bound));
  const elements = isList ? [...bound.elements] : null;
  const whole = isExport ? link.isTypeOnly : link.importClause?.isTypeOnly ?? false;
  return [{
    from: path,
    to: join(dirname(path), target),
    names: elements?.map((one) => (one.propertyName ?? one.name).text) ?? null,
    typeOnly: whole || (elements?.every((one) => one.isTypeOnly) ?? false),
    isExport,
  }];
}

/** `import("…")`, as a call or as a type. */
function laterImports(path: string, tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const note = (target: ts.Node | undefined, typeOnly: boolean) => {
    if (!target || !ts.isStringLiteral(target) || !target.text.startsWith(".")) return;
    const to = join(dirname(path), target.text);
    found.push({ from: path, to, names: null, typeOnly, isExport: false });
  };
  walk(tree, (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      note(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      note(node.argument.literal, true);
    }
  });
  return found;
}

function declaredIn(one: ts.Statement, uses: ReadonlyMap<string, number>): Declared[] {
  const listed = ts.isExportDeclaration(one) && !one.moduleSpecifier && one.exportClause;
  if (listed && ts.isNamedExports(listed)) return listed.elements.map((each) => shown(each, uses));
  const names = ts.isVariableStatement(one)
    ? one.declarationList.declarations.flatMap(({ name }) => boundBy(name))
    : isNamed(one)
    ? [one.name?.getText() ?? ""]
    : [];
  const isExported = ts.canHaveModifiers(one) &&
    (ts.getModifiers(one)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false);
  const members = ts.isInterfaceDeclaration(one)
    ? one.members.map((member) => member.name?.getText() ?? "")
    : [];
  return names.map((name) => ({
    name,
    isExported,
    isType: ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one),
    usesAtHome: (uses.get(name) ?? 1) - 1,
    members,
  }));
}

/** `export { a as b };`: b, which stands in the list besides where it is used. */
function shown(one: ts.ExportSpecifier, uses: ReadonlyMap<string, number>): Declared {
  const name = one.name.text;
  return {
    name,
    isExported: true,
    isType: one.isTypeOnly || one.parent.parent.isTypeOnly,
    usesAtHome: Math.max(0, (uses.get(name) ?? 1) - (one.propertyName ? 1 : 2)),
    members: [],
  };
}

/** `a` of `const a`, `a` and `b` of `const { a, b }`. */
function boundBy(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => ts.isBindingElement(one) ? boundBy(one.name) : []);
}

type Named =
  | ts.ClassDeclaration
  | ts.EnumDeclaration
  | ts.FunctionDeclaration
  | ts.InterfaceDeclaration
  | ts.ModuleDeclaration
  | ts.TypeAliasDeclaration;

function isNamed(node: ts.Node): node is Named {
  return ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) ||
    ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node);
}

function countNames(tree: ts.SourceFile): Map<string, number> {
  const uses = new Map<string, number>();
  walk(tree, (node) => {
    if (ts.isIdentifier(node)) uses.set(node.text, (uses.get(node.text) ?? 0) + 1);
  });
  return uses;
}

function functionsIn(path: string, tree: ts.SourceFile): FunctionShape[] {
  const found: FunctionShape[] = [];
  walk(tree, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const first = tree.getLineAndCharacterOfPosition(node.getStart()).line;
    const last = tree.getLineAndCharacterOfPosition(node.end).line;
    const at = `${path}:${first + 1}`;
    found.push({ at, lines: last - first + 1, parameters: node.parameters.length });
  });
  return found;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** The code without its comments. */
export function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** The comment a file opens with. */
export function headOf(text: string): string {
  return /^(?:#!.*\n)?(\/\*\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(text)?.[1] ?? "";
}
