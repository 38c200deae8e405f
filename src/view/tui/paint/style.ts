// A cell's style packed into one number, in the order blessed uses: flags, foreground, background (nine bits each).
export type Style = number;

/** No colour of its own: what the user's terminal has. */
export const inherit = 0x1ff;

export const flag = { bold: 1, underline: 2, inverse: 8 } as const;

/** Default colours, nothing set. */
export const plain: Style = (inherit << 9) | inherit;

export const fgOf = (style: Style): number => (style >> 9) & 0x1ff;
export const bgOf = (style: Style): number => style & 0x1ff;
export const flagsOf = (style: Style): number => style >> 18;

export const withFg = (style: Style, color: number): Style => (style & ~(0x1ff << 9)) | (color << 9);
export const withBg = (style: Style, color: number): Style => (style & ~0x1ff) | color;
export const withFlag = (style: Style, bits: number): Style => style | (bits << 18);
export const withoutFlag = (style: Style, bits: number): Style => style & ~(bits << 18);

export const fg = (color: number, bits = 0): Style => withFlag(withFg(plain, color), bits);
