/** The look of the report: system fonts, light and dark by the reader's own setting, nothing fetched from anywhere. */

export const styleSheet = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #667284; --line: #dde2ea; --page: #f6f7f9; --card: #ffffff;
  --accent: #2463c5; --accent-soft: #2463c522; --good: #1a7f4b; --bad: #c0352b; --warn: #a86400; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #98a3b3; --line: #323a46; --page: #14181e; --card: #1c222a;
  --accent: #6ea3f5; --accent-soft: #6ea3f533; --good: #54c98a; --bad: #f0776d; --warn: #e0a64a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; margin-bottom: 20px; }
h1 { font-size: 26px; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 12px; }
header p { margin: 0; color: var(--soft); width: 100%; }
.badge { font-weight: 600; font-size: 14px; padding: 2px 12px; border-radius: 999px; border: 1px solid currentcolor; }
.pass { color: var(--good); } .fail { color: var(--bad); } .error { color: var(--warn); } .none { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin-top: 16px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 12px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.card b { display: block; font-size: 21px; font-weight: 600; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: 13px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 500; white-space: nowrap; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.bar { display: inline-block; height: 9px; border-radius: 2px; background: var(--accent); min-width: 1px; }
.track { min-width: 160px; width: 22%; }
summary { cursor: pointer; color: var(--accent); }
details > div { margin-top: 10px; }
.note { color: var(--soft); font-size: 13.5px; margin: 10px 0 0; }
.divergence { border-left: 3px solid var(--bad); padding-left: 12px; margin: 14px 0 10px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
svg .axis { stroke: var(--line); } svg .curve { fill: none; stroke: var(--accent); stroke-width: 1.6; }
svg .dots { fill: var(--accent); opacity: 0.35; }
svg .inside { fill: #10151c; pointer-events: none; }
svg .block { stroke: var(--card); stroke-width: 1; }
.confusion td, .confusion th { text-align: center; padding: 3px 6px; border: 0; min-width: 34px; }
code { font: 12.5px ui-monospace, monospace; overflow-wrap: anywhere; }
`;
