/**
 * The style sheet of the HTML report. Colour-blind readers can tell its blue and orange apart, and each bar has a
 * label.
 */
export const reportStyle = `
:root { --ink: #1f2933; --soft: #5c6875; --paper: #fff; --line: #d8dee4; --ground: #eef1f4; --near: #1f6fb2; --far: #c8590f; --good: #1a7f37; --bad: #b42318; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #dfe5ec; --soft: #97a3b0; --paper: #161b22; --line: #313a45; --ground: #222a34; --near: #58a6e8; --far: #f0883e; --good: #4ac26b; --bad: #ff7b72; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.5rem; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.3rem 0 .3rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); font-weight: normal; }
.good { color: var(--good); }
.bad { color: var(--bad); }
header p { margin: 0; }
code { font: .88em ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; background: var(--ground); border-radius: 3px; padding: .1em .3em; overflow-wrap: anywhere; }
.totals { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1px; margin: 1.6rem 0 0; background: var(--line); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.totals div { background: var(--paper); padding: .7rem .9rem; }
.totals dt { color: var(--soft); font-size: .85rem; }
.totals dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.totals small { font-size: .9rem; font-weight: normal; color: var(--soft); }
ul { margin: .2rem 0; padding-left: 1.3rem; }
.tasks, .answers, .answers ul { list-style: none; padding-left: 0; }
.tasks .soft { font-size: .88rem; }
.answers ul { padding-left: 1.5rem; }
.answers > li { margin-bottom: .9rem; }
table { border-collapse: collapse; width: 100%; margin: .7rem 0; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: normal; white-space: nowrap; }
td { overflow-wrap: break-word; }
td:first-child { white-space: nowrap; }
td:last-child { overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .level { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
svg .soft { fill: var(--soft); }
svg .near { fill: var(--near); }
svg .far { fill: var(--far); }
svg .ground { fill: var(--ground); }
svg .p95 { stroke: var(--soft); stroke-width: 1.5; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
@media (max-width: 40rem) { .totals { grid-template-columns: repeat(2, 1fr); } table { display: block; overflow-x: auto; } }
@media print {
  @page { size: A4; margin: 16mm; }
  :root { --ink: #000; --soft: #444; --paper: #fff; --line: #bbb; --ground: #f0f0f0; --near: #1f6fb2; --far: #c8590f; --good: #1a7f37; --bad: #b42318; }
  body { max-width: none; padding: 0; font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3 { break-after: avoid; }
  article, figure, tr, .answers > li, .totals { break-inside: avoid; }
}
`;
