import type { Contender } from './cases.ts';
import type { Sheet } from './measure.ts';
import { median } from './statistics.ts';

const BARS: [Contender, string, string][] = [
  ['floor', 'only the requests', '#8c959f'],
  ['action', 'this action', '#2da44e'],
  ['hand', 'by hand', '#bf8700'],
];
const LEFT = 190;
const WIDTH = 520;
const BAR = 18;
const GAP = 22;

/** A bar chart of the medians, as SVG that can be read on light and on dark pages. */
export function chart({ rows, delayMs }: Sheet): string {
  const most = Math.max(...rows.flatMap(({ by }) => BARS.map(([who]) => median(by[who]?.ms ?? [0]))));
  const parts: string[] = [];
  let y = 44;
  for (const { one, by } of rows) {
    parts.push(text(LEFT - 12, y + BAR - 4, one.name, 'end'));
    for (const [who, , colour] of BARS) {
      const sample = by[who];
      if (sample === undefined) continue;
      const value = median(sample.ms);
      const width = ((WIDTH * value) / most).toFixed(1);
      parts.push(`<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 3}" rx="2" fill="${colour}"/>`);
      parts.push(text(LEFT + Number(width) + 6, y + BAR - 5, `${value.toFixed(0)} ms`, 'start'));
      y += BAR;
    }
    y += GAP;
  }
  const legend = BARS.map(([, name, colour], index) => {
    const x = LEFT + index * 160;
    return `<rect x="${x}" y="12" width="12" height="12" rx="2" fill="${colour}"/>${text(x + 18, 22, name, 'start')}`;
  });
  const title = `Whole processes over TLS, ${delayMs} ms each way, medians`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 90} ${y}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    '<style>text { fill: #57606a } @media (prefers-color-scheme: dark) { text { fill: #adbac7 } }</style>',
    ...legend,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(x: number, y: number, words: string, anchor: 'start' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${words}</text>`;
}
