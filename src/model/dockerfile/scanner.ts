// A text and a place in it.

export class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** '' at the end. */
  peek(): string {
    return this.text[this.at] ?? '';
  }

  next(): string {
    return this.text[this.at++] ?? '';
  }

  /** Characters as long as `holds`. */
  take(holds: (char: string) => boolean): string {
    const from = this.at;
    while (this.at < this.text.length && holds(this.text[this.at]!)) this.at++;
    return this.text.slice(from, this.at);
  }
}
