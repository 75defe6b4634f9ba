/** A line of a plot; x is drawn in proportion to its logarithm, y from 0 to 100. */
export interface Series {
  name: string;
  points: [x: number, y: number][];
}

const COLOURS = ['#cf222e', '#bf8700', '#2da44e'];
const [LEFT, TOP, WIDTH, HEIGHT] = [48, 40, 560, 220];
const BAR = 50;

/** A bar of text for a share of 1. */
export function bar(share: number): string {
  const filled = Math.round(share * BAR);
  return `${'█'.repeat(filled)}${'·'.repeat(BAR - filled)} ${(100 * share).toFixed(1)} %`;
}

/** Lines over sizes, as SVG that can be read on light and on dark pages. */
export function lines(title: string, all: readonly Series[]): string {
  const sizes = [...new Set(all.flatMap(({ points }) => points.map(([x]) => x)))].toSorted((a, b) => a - b);
  const [least = 1, most = 1] = [sizes[0], sizes.at(-1)];
  const span = Math.log(most / least) || 1;
  const xOf = (size: number) => LEFT + (WIDTH * Math.log(size / least)) / span;
  const yOf = (percent: number) => TOP + HEIGHT * (1 - percent / 100);
  const grid = [0, 25, 50, 75, 100].map(
    (percent) =>
      `<path d="M${LEFT} ${yOf(percent)}h${WIDTH}" stroke="#8c959f" stroke-width="0.5"/>${label(LEFT - 6, yOf(percent) + 4, `${percent} %`, 'end')}`,
  );
  const ticks = sizes.map((size) => label(xOf(size), TOP + HEIGHT + 18, size.toLocaleString('en-US'), 'middle'));
  const drawn = all.map(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '';
    const path = points.map(([x, y]) => `${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`).join('L');
    const dots = points.map(
      ([x, y]) => `<circle cx="${xOf(x).toFixed(1)}" cy="${yOf(y).toFixed(1)}" r="3" fill="${colour}"/>`,
    );
    const legend = `<rect x="${LEFT + index * 200}" y="10" width="12" height="12" rx="2" fill="${colour}"/>`;
    const words = label(LEFT + index * 200 + 18, 20, name, 'start');
    return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${legend}${words}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 60} ${TOP + HEIGHT + 30}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    '<style>text { fill: #57606a } @media (prefers-color-scheme: dark) { text { fill: #adbac7 } }</style>',
    ...grid,
    ...ticks,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function label(x: number, y: number, words: string, anchor: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
}
