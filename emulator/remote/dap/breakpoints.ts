/** The editor's breakpoints, which it sets kind by kind, as breakpoints of the session. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { VA } from '../../base/addresses.ts';
import { InputError } from '../../base/errors.ts';
import { hex } from '../../base/hex.ts';
import type { Program } from '../../session/program.ts';
import type { Session } from '../../session/session.ts';
import type { BreakpointSpec } from '../../session/views.ts';
import { ERET, filters } from './capabilities.ts';

export class DapBreakpoints {
  /** Ids of the session's breakpoints, by what set them. */
  private readonly own = new Map<string, number[]>();
  private readonly logs = new Map<number, string>();
  /** Those that somebody else had set before: they stay when the editor wants them no more. */
  private readonly others = new Set<number>();

  constructor(private readonly session: Session) {}

  private get program(): Program {
    return this.session.needProgram();
  }
  /** Why the machine stopped, in the protocol's words. */
  reasonOf(id: number): string {
    const kind = [...this.own].find(([, ids]) => ids.includes(id))?.[0] ?? '';
    if (kind === 'exceptions') return 'exception';
    return kind === 'data'
      ? 'data breakpoint'
      : kind === 'functions'
        ? 'function breakpoint'
        : kind === 'instructions'
          ? 'instruction breakpoint'
          : 'breakpoint';
  }
  /** What a log point prints; undefined for a breakpoint that stops. */
  logOf(id: number): string | undefined {
    return this.logs.get(id);
  }

  private replaceOwn(
    kind: string,
    specs: readonly { readonly spec: () => BreakpointSpec; readonly log?: string | undefined }[],
  ): (Error | number)[] {
    const { breakpoints } = this.session;
    // The same breakpoint asked for twice is one: it goes when nobody wants it any more.
    const others = new Set([...this.own].flatMap(([other, ids]) => (other === kind ? [] : ids)));
    const before = breakpoints.ids();
    for (const id of new Set(this.own.get(kind) ?? [])) {
      if (others.has(id)) continue;
      this.logs.delete(id);
      // A person may have removed it meanwhile.
      if (before.has(id) && !this.others.has(id)) breakpoints.remove(id);
    }
    const mine = new Set([...this.own.values()].flat());
    const found = specs.map(({ spec, log }) => {
      try {
        const id = breakpoints.add(this.program, spec());
        if (before.has(id) && !mine.has(id)) this.others.add(id);
        if (log !== undefined) this.logs.set(id, log);
        return id;
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    });
    this.own.set(
      kind,
      found.filter((one) => typeof one === 'number'),
    );
    this.session.edited();
    return found;
  }

  /** Those of the editor go. */
  clear(): void {
    if (this.session.program) for (const kind of [...this.own.keys()]) this.replaceOwn(kind, []);
  }

  inSource({ source, breakpoints = [] }: Dap.SetBreakpointsArguments): Dap.SetBreakpointsResponse['body'] {
    const path = source.path ?? source.name ?? '';
    const rows = breakpoints.map((wanted) => ({ wanted, ...this.lineAt(path, wanted.line) }));
    const specs = rows.flatMap(({ wanted, vas }) =>
      vas.map((va) => ({ spec: () => ({ kind: 'address' as const, va: hex(va), ...demand(wanted) }), log: wanted.logMessage })),
    );
    const found = this.replaceOwn(`source ${path}`, specs);
    let next = 0;
    return {
      breakpoints: rows.map(({ line, vas }) => {
        const own = found.slice(next, (next += vas.length));
        return described(own[0] ?? new Error('no code comes from this line'), { line });
      }),
    };
  }
  /** Where the code of a line begins, or of the next one that has any. */
  private lineAt(path: string, wanted: number): { readonly line: number; readonly vas: readonly VA[] } {
    const { recorded } = this.program.names;
    const parts = path.split(/[\\/]/).filter(Boolean);
    for (let count = parts.length; count > 0; count--) {
      const tail = parts.slice(-count).join('/');
      for (const file of recorded.files) {
        const number = file.lines.files.findIndex((one) => one.path === path || one.name === tail || one.path.endsWith(`/${tail}`));
        if (number < 0) continue;
        const line = file.lines.linesOf(number).find((one) => one.line >= wanted)?.line;
        if (line === undefined) return { line: wanted, vas: [] };
        return { line, vas: file.lines.addresses(file.lines.files[number].name, line).map((va) => recorded.movedFrom(file, va)) };
      }
    }
    return { line: wanted, vas: [] };
  }

  atFunctions({ breakpoints }: Dap.SetFunctionBreakpointsArguments): { breakpoints: Dap.Breakpoint[] } {
    return {
      breakpoints: this.replaceOwn(
        'functions',
        breakpoints.map((one) => ({ spec: () => ({ kind: 'symbol', name: one.name, ...demand(one) }) })),
      ).map((found) => described(found)),
    };
  }
  atInstructions({ breakpoints }: Dap.SetInstructionBreakpointsArguments): { breakpoints: Dap.Breakpoint[] } {
    return {
      breakpoints: this.replaceOwn(
        'instructions',
        breakpoints.map((one) => ({
          spec: () => ({ kind: 'address', va: addressOf(one.instructionReference, one.offset), ...demand(one) }),
        })),
      ).map((found) => described(found)),
    };
  }
  atExceptions({ filters: wanted }: Dap.SetExceptionBreakpointsArguments): { breakpoints: Dap.Breakpoint[] } {
    const specs = wanted.flatMap((name): BreakpointSpec[] => {
      if (name === ERET) return ([0, 1] as const).map((to) => ({ kind: 'level-change', to }));
      if (!Object.hasOwn(filters, name)) return [];
      const { types } = filters[name];
      return [{ kind: 'exception', ...(types && { types: [...types] }) }];
    });
    return {
      breakpoints: this.replaceOwn(
        'exceptions',
        specs.map((spec) => ({ spec: () => spec })),
      ).map((found) => described(found)),
    };
  }
  onData({ breakpoints }: Dap.SetDataBreakpointsArguments): { breakpoints: Dap.Breakpoint[] } {
    return {
      breakpoints: this.replaceOwn(
        'data',
        breakpoints.map((one) => {
          const [address, bytes] = one.dataId.split(',');
          const access = one.accessType === 'read' ? 'r' : one.accessType === 'readWrite' ? 'rw' : 'w';
          return { spec: () => ({ kind: 'memory', space: 'va', address, bytes: Number(bytes), access, ...demand(one) }) };
        }),
      ).map((found) => described(found)),
    };
  }
}

function demand({
  condition,
  hitCondition,
}: {
  readonly condition?: string;
  readonly hitCondition?: string;
}): Pick<BreakpointSpec, 'when' | 'nth' | 'every'> {
  const every = /^\s*%\s*(\d+)$/.exec(hitCondition ?? '')?.[1];
  const nth = /^\s*(?:==?|>=)?\s*(\d+)\s*$/.exec(hitCondition ?? '')?.[1];
  if (hitCondition && every === undefined && nth === undefined)
    throw new InputError(`${hitCondition} is no count of hits`, {}, '3, or % 10 for every tenth');
  return {
    ...(condition && { when: condition }),
    ...(nth !== undefined && { nth: Number(nth) }),
    ...(every !== undefined && { every: Number(every) }),
  };
}

function described(found: Error | number, at: Partial<Dap.Breakpoint> = {}): Dap.Breakpoint {
  return typeof found === 'number' ? { id: found, verified: true, ...at } : { verified: false, message: found.message, ...at };
}

/** An address of the protocol's, with an offset in bytes. Throws SyntaxError for no number. */
export function addressOf(text: string, offset = 0): string {
  return hex(BigInt(text) + BigInt(offset));
}
