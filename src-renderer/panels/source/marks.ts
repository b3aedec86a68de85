/** What stands beside and below the lines: addresses, breakpoints, the next instruction, and what is wrong. */
import { RangeSet, StateEffect, StateField, type EditorState, type Extension, type Range, type Text } from '@codemirror/state';
import { Decoration, EditorView, gutter, GutterMarker, lineNumbers, WidgetType, type DecorationSet } from '@codemirror/view';
import type { SourceProblem } from '../../../emulator/session/contract.ts';
import type { Hex, Level } from '../../../emulator/session/views.ts';

/** What the session says of the text; lines from 1. */
export interface Marks {
  readonly problems: readonly SourceProblem[];
  /** Of the text in the editor: the first address of each line; undefined: as they were, with the text moved. */
  readonly addresses: ReadonlyMap<number, Hex> | undefined;
}
/** Of the version that runs, as long as it is the text, or the text is an edited form of it. */
export interface Places {
  /** The first address of each line; undefined: they are as they were, with the text moved. */
  readonly lines: readonly { readonly line: number; readonly address: Hex }[] | undefined;
  readonly stops: ReadonlySet<string>;
  /** The line of the next instruction, in that version. */
  readonly current: number | undefined;
  readonly level: Level;
}

export const setMarks = StateEffect.define<Marks>();
export const setPlaces = StateEffect.define<Places>();

const startOf = (doc: Text, line: number): number | undefined => (line >= 1 && line <= doc.lines ? doc.line(line).from : undefined);

/** Messages begin as they do on the command line, after a place and a colon. */
export const sentence = (message: string): string => `${message[0].toUpperCase()}${message.slice(1)}${/[.?!]$/.test(message) ? '' : '.'}`;

// Problems: wavy, with a sentence below the line.

class Sentence extends WidgetType {
  constructor(private readonly problem: SourceProblem) {
    super();
  }
  override eq({ problem }: Sentence): boolean {
    return JSON.stringify(problem) === JSON.stringify(this.problem);
  }
  override toDOM(view: EditorView): HTMLElement {
    const { message, repair } = this.problem;
    const line = document.createElement('div');
    line.className = 'asm-problem';
    const text = document.createElement('span');
    text.textContent = sentence(message);
    line.append(text);
    if (repair) {
      const button = document.createElement('button');
      button.type = 'button';
      button.tabIndex = -1;
      button.textContent = `Write ${repair.text}`;
      button.onclick = () => repairIn(view, this.problem);
      line.append(button);
    }
    return line;
  }
  override ignoreEvent(): boolean {
    return true;
  }
}

/** Puts the repair of a problem in its place, if the text is still there. */
export function repairIn(view: EditorView, { line, repair }: SourceProblem): void {
  const start = startOf(view.state.doc, line);
  if (!repair || start === undefined) return;
  const from = start + repair.column - 1;
  const to = from + repair.instead.length;
  if (view.state.sliceDoc(from, to) !== repair.instead) return;
  view.dispatch({ changes: { from, to, insert: repair.text }, selection: { anchor: from + repair.text.length }, userEvent: 'input' });
  view.focus();
}

/** Problems whose sentences are shown below their lines: of more, the rest only has its line marked. */
const MOST_SENTENCES = 20;

function problemDecorations(doc: Text, problems: readonly SourceProblem[]): DecorationSet {
  const ranges = problems.flatMap((problem, i): Range<Decoration>[] => {
    const from = startOf(doc, problem.line);
    if (from === undefined) return [];
    const line = doc.lineAt(from);
    const at = problem.repair ?? { column: problem.column, instead: /^\S*/.exec(line.text.slice(problem.column - 1))![0] };
    const begin = Math.min(line.to, from + at.column - 1);
    const end = Math.min(line.to, begin + Math.max(1, at.instead.length));
    const wavy = end > begin ? [Decoration.mark({ class: 'asm-wrong' }).range(begin, end)] : [];
    if (i >= MOST_SENTENCES) return wavy;
    return [...wavy, Decoration.widget({ widget: new Sentence(problem), block: true, side: 1 }).range(line.to)];
  });
  return Decoration.set(ranges, true);
}

const problemField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, { changes, effects, state }) {
    for (const effect of effects) if (effect.is(setMarks)) return problemDecorations(state.doc, effect.value.problems);
    return value.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// Addresses of the text as it is.

class Address extends GutterMarker {
  constructor(private readonly text: string) {
    super();
  }
  override eq(other: Address): boolean {
    return other.text === this.text;
  }
  override toDOM(): Node {
    return document.createTextNode(this.text);
  }
}
const addressField = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(value, { changes, effects, state }) {
    for (const effect of effects)
      if (effect.is(setMarks) && effect.value.addresses) {
        const ranges = [...effect.value.addresses].flatMap(([line, address]) => {
          const from = startOf(state.doc, line);
          return from === undefined ? [] : [new Address(address.slice(2).padStart(8, '0').slice(-8)).range(from)];
        });
        return RangeSet.of(ranges, true);
      }
    return value.map(changes);
  },
});

// Places of the version that runs. They move with the text.

class Place extends GutterMarker {
  constructor(
    readonly address: Hex,
    private readonly isSet: boolean,
  ) {
    super();
  }
  override eq(other: Place): boolean {
    return other.address === this.address && other.isSet === this.isSet;
  }
  override toDOM(): Node {
    const dot = document.createElement('span');
    dot.className = this.isSet ? 'asm-stop asm-set' : 'asm-stop';
    dot.title = this.isSet ? 'Remove the breakpoint (F9)' : 'Stop before this line (F9)';
    return dot;
  }
}
interface PlaceState {
  readonly places: RangeSet<Place>;
  readonly current: DecorationSet;
}
const placeField = StateField.define<PlaceState>({
  create: () => ({ places: RangeSet.empty as RangeSet<Place>, current: Decoration.none }),
  update(value, { changes, effects, state }) {
    let { places, current } = { places: value.places.map(changes), current: value.current.map(changes) };
    for (const effect of effects) {
      if (!effect.is(setPlaces)) continue;
      const { lines, stops, current: line, level } = effect.value;
      const all: Range<Place>[] = [];
      if (lines)
        for (const one of lines) {
          const from = startOf(state.doc, one.line);
          if (from !== undefined) all.push(new Place(one.address, stops.has(one.address)).range(from));
        }
      else
        for (const iter = places.iter(); iter.value; iter.next())
          all.push(new Place(iter.value.address, stops.has(iter.value.address)).range(iter.from));
      places = RangeSet.of(all, true);
      const from = line === undefined ? undefined : startOf(state.doc, line);
      if (lines)
        current =
          from === undefined ? Decoration.none : Decoration.set([Decoration.line({ class: `asm-current asm-el${level}` }).range(from)]);
    }
    return { places, current };
  },
  provide: (field) => EditorView.decorations.from(field, ({ current }) => current),
});

/** Where the line at a position of the text begins in the machine, in the version that runs. */
export function addressAt(state: EditorState, position: number): Hex | undefined {
  const { from, to } = state.doc.lineAt(position);
  let found: Hex | undefined;
  state.field(placeField).places.between(from, to, (_from, _to, place) => {
    found ??= place.address;
  });
  return found;
}

/** `toggle`: the person clicked beside a line that has code. */
export const marks = (toggle: (address: Hex) => void): Extension => [
  problemField,
  addressField,
  placeField,
  gutter({
    class: 'asm-stops',
    markers: (view) => view.state.field(placeField).places,
    domEventHandlers: {
      mousedown(view, line) {
        const address = addressAt(view.state, line.from);
        if (address) toggle(address);
        return address !== undefined;
      },
    },
  }),
  lineNumbers(),
  gutter({ class: 'asm-addresses', markers: (view) => view.state.field(addressField), initialSpacer: () => new Address('00000000') }),
];
