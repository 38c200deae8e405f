// The figures of a soak as a picture: one curve below the other over the same time, as SVG without any library.

/** One moment of a session; `freshMs` is the median from a save until it was live, since the sample before. */
export interface Sample {
  readonly seconds: number;
  readonly rss: number;
  readonly descriptors: number;
  readonly timers: number;
  readonly subscriptions: number;
  readonly freshMs: number;
}

const curves = [
  { of: 'rss', title: 'RSS, MiB' },
  { of: 'descriptors', title: 'descriptors' },
  { of: 'timers', title: 'timers' },
  { of: 'subscriptions', title: 'subscriptions' },
  { of: 'freshMs', title: 'save to live, ms (median)' },
] as const;

const [width, height, left, top] = [900, 130, 70, 40];

/** Each curve begins at zero, so that flat looks flat. */
export function chart(title: string, samples: readonly Sample[]): string {
  const last = Math.max(1, ...samples.map(({ seconds }) => seconds));
  const x = (seconds: number) => left + (seconds / last) * (width - left - 20);
  const panels = curves.map(({ of, title: name }, i) => {
    const most = Math.max(1, ...samples.map((sample) => sample[of])) * 1.1;
    const base = top + (i + 1) * height - 20;
    const y = (value: number) => base - (value / most) * (height - 45);
    const points = samples.map((sample) => `${x(sample.seconds).toFixed(1)},${y(sample[of]).toFixed(1)}`).join(' ');
    const highest = Math.max(0, ...samples.map((sample) => sample[of]));
    return `<text x="${left}" y="${base - height + 38}" font-weight="bold">${name}</text>
<line x1="${left}" y1="${base}" x2="${width - 20}" y2="${base}" stroke="#999"/>
<line x1="${left}" y1="${y(highest)}" x2="${width - 20}" y2="${y(highest)}" stroke="#ddd"/>
<text x="${left - 6}" y="${base}" text-anchor="end">0</text>
<text x="${left - 6}" y="${y(highest) + 4}" text-anchor="end">${highest.toFixed(0)}</text>
<polyline points="${points}" fill="none" stroke="#1664c0" stroke-width="1.5"/>`;
  });
  const end = top + curves.length * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${end + 20}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${left}" y="22" font-size="15">${title}</text>
${panels.join('\n')}
<text x="${left}" y="${end}">0</text><text x="${width - 20}" y="${end}" text-anchor="end">${(last / 60).toFixed(1)} min</text>
</svg>
`;
}
