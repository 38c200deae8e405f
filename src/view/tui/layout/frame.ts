// Model → picture. Nothing here knows a terminal; a golden file can hold what comes out.
import { placeOf } from '../lists/problems.ts';
import type { Model } from '../model.ts';
import { blankCells, put, putSpans, type Rect } from '../paint/cells.ts';
import type { Palette } from '../paint/palette.ts';
import { panesOf, smallest, troubleIn } from '../paint/panes.ts';
import { drawOverlay } from './boxes.ts';
import type { Canvas } from './canvas.ts';
import { drawDetail } from './detail.ts';
import { drawFooter } from './footer.ts';
import { drawHeader } from './header.ts';
import { drawLogs, drawLogTitle } from './logpane.ts';
import { drawTable } from './table.ts';

function drawBanner({ cells, palette, hits }: Canvas, rect: Rect, model: Model): void {
  const problems = model.state?.config.problems ?? [];
  const first = problems[0];
  if (!first) return;
  const place = placeOf(first, model.dir);
  const more = problems.length > 1 ? ` (+${problems.length - 1} more, p)` : '';
  const kept = model.state?.config.ok ? '' : '; the last good configuration stays';
  put(
    cells,
    rect.x + 1,
    rect.y,
    `✗ ${place ? `${place.split('/').pop()}  ` : ''}${first.what}${more}${kept}`,
    palette.bad,
    rect.width - 2,
  );
  hits.push({ rect, left: { is: 'command', id: 'problems' } });
}

function drawProblem({ cells, palette, hits }: Canvas, rect: Rect, model: Model): void {
  const problem = troubleIn(model)?.problem;
  if (!problem) return;
  const place = placeOf(problem, model.dir);
  // Many tools put the place in front of what they say.
  const said = place && !problem.what.startsWith(place) ? `${place}  ${problem.what}` : problem.what;
  putSpans(
    cells,
    rect.x + 1,
    rect.y,
    [
      [`✗ ${said}`, palette.bad],
      [problem.hint ? `   ${problem.hint}` : '', palette.dim],
    ],
    rect.width - 2,
  );
  hits.push({ rect, left: { is: 'command', id: 'edit' } });
}

export function layout(model: Model, palette: Palette): Canvas {
  const canvas: Canvas = { cells: blankCells(model.width, model.height), palette, hits: [] };
  if (model.width < smallest.width || model.height < smallest.height) {
    put(canvas.cells, 0, 0, `sluice needs ${smallest.width}×${smallest.height}`, palette.text);
    return canvas;
  }
  const panes = panesOf(model);
  drawHeader(canvas, panes.header, model);
  if (panes.banner) drawBanner(canvas, panes.banner, model);
  if (panes.upper) {
    if (model.detail) drawDetail(canvas, panes.upper, model);
    else drawTable(canvas, panes.upper, model);
  }
  drawLogTitle(canvas, panes.logTitle, model);
  if (panes.problem) drawProblem(canvas, panes.problem, model);
  drawLogs(canvas, panes.logs, model);
  drawFooter(canvas, panes.footer, model);
  if (model.overlay) drawOverlay(canvas, model.overlay, model);
  return canvas;
}
