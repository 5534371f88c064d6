/**
 * Style of the HTML report in parts: a page of its own takes all of them, a page that shows a report takes `PARTS_STYLE` and sets the
 * properties of `TOKENS` to its own colours. No external resource; narrow screens, paper. Contrasts meet WCAG 2.2 AA.
 */

/** Colours, light and dark by the reader's preference, and fonts. */
const TOKENS = `
:root{color-scheme:light dark;
--paper:#f7f6f2;--sheet:#fffefb;--ink:#1f262d;--soft:#55606b;--rule:#dedad0;--band:#efece4;
--accent:#0d5a78;--alarm:#a3221c;--warn:#7d5200;--good:#1f6638;--foreign:#7a2a8a;
--serif:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,serif;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,"Cascadia Mono","SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--paper:#13171b;--sheet:#1a1f25;--ink:#e4e7e9;--soft:#a5afb9;--rule:#323a43;--band:#232a31;
--accent:#7cc7e4;--alarm:#ff9c90;--warn:#e9bd6a;--good:#86cf9d;--foreign:#dba4ea}}
@media print{:root{--paper:#fff;--sheet:#fff;--ink:#000;--soft:#444;--rule:#bbb;--band:#f2f2f2;--accent:#0d5a78;--alarm:#a3221c;--warn:#7d5200;--good:#1f6638;--foreign:#7a2a8a}}`;

/** The page around the report. */
const PAGE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--sans);overflow-wrap:break-word}
.skip{position:absolute;left:-99em;padding:.6em 1em;background:var(--ink);color:var(--paper)}
.skip:focus{left:1em;top:1em;z-index:1}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
a{color:var(--accent);text-underline-offset:.15em}
header,main,footer{max-width:66rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2.75rem;padding-bottom:.5rem}
h1{font-size:2.1rem;letter-spacing:-.01em}
.eyebrow{margin:0 0 .35rem;font:600 .8rem/1.3 var(--sans);letter-spacing:.09em;text-transform:uppercase;color:var(--accent)}
.facts{color:var(--soft);margin:.4rem 0 0}
footer{margin-top:2.5rem;padding-top:1rem;padding-bottom:3rem;color:var(--soft);font-size:.85rem}
footer code{overflow-wrap:anywhere}
@media (max-width:44rem){
body{font-size:15px}
header,main,footer{padding-left:1rem;padding-right:1rem}
header{padding-top:1.6rem}h1{font-size:1.6rem}
}
@media print{
body{font-size:10.5pt}.skip{display:none}
header,main,footer{max-width:none;padding-left:0;padding-right:0}
}`;

/** The diagram of a session. */
export const LADDER_STYLE = `
.ladder{display:block;min-width:46rem;width:100%;height:auto;font:12px var(--sans)}
.ladder text{fill:var(--ink)}
.ladder .end{text-anchor:end}.ladder .middle{text-anchor:middle}
.ladder .role{font-weight:600;font-size:13px}
.ladder .where,.ladder .column,.ladder .time{fill:var(--soft);font-weight:400;font-size:11px}
.ladder .address{font-family:var(--mono);font-size:12px}
.ladder .time,.ladder .number{font-variant-numeric:tabular-nums}
.ladder .number{font-size:12px;font-weight:600}
.ladder .label{font-family:var(--mono);font-size:11px;paint-order:stroke;stroke:var(--sheet);stroke-width:3px;stroke-linejoin:round}
.life{stroke:var(--soft);stroke-width:1.5}
.network{fill:var(--band)}.edge{stroke:var(--soft);stroke-width:1;stroke-dasharray:1 4}
.way{stroke:var(--soft);stroke-width:1.5;fill:none}.tip{fill:var(--soft)}
.cited .way{stroke:var(--accent);stroke-width:2.4}.cited .tip{fill:var(--accent)}.cited .number{fill:var(--accent)}
.retransmission .way{stroke:var(--warn);stroke-width:1.8;stroke-dasharray:7 4}.retransmission .tip{fill:var(--warn)}
.lost .way{stroke:var(--alarm);stroke-width:2}.cross{stroke:var(--alarm);stroke-width:2.6;fill:none}.lost .number{fill:var(--alarm)}
.foreign .way{stroke:var(--foreign);stroke-width:2.2;stroke-dasharray:2 4}.foreign .tip{fill:var(--foreign)}.origin{fill:var(--sheet);stroke:var(--foreign);stroke-width:2}.foreign .number{fill:var(--foreign)}
.unseen{fill:var(--sheet);stroke:var(--soft);stroke-width:1.5}
.pause path{stroke:var(--soft);stroke-width:1.5;fill:none}.pause .gap{fill:var(--sheet)}.pause text{fill:var(--soft);font-size:11px;font-style:italic}
@media print{.ladder{min-width:0}}`;

/** Everything a report is made of, the diagram included. */
export const PARTS_STYLE = `
h1,h2,h3{font-family:var(--serif);font-weight:600;line-height:1.2;text-wrap:balance;margin:0}
h2{font-size:1.45rem}
h3{font:600 .8rem/1.3 var(--sans);letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:1.6rem 0 .5rem}
p{margin:.5rem 0}
code,pre,.mono{font-family:var(--mono);font-size:.86em}
bdi{unicode-bidi:isolate}
.glance{list-style:none;margin:1.4rem 0 0;padding:0;border-top:1px solid var(--rule)}
.glance li{display:grid;grid-template-columns:9.5rem 1fr auto;gap:.25rem 1rem;align-items:baseline;padding:.55rem 0;border-bottom:1px solid var(--rule)}
.glance a{font-weight:600;text-decoration:none;color:var(--ink)}
.glance a:hover{text-decoration:underline}
section,.finding,.competing,.notice{margin:1.75rem 0 0}
.finding{background:var(--sheet);border:1px solid var(--rule);border-top:4px solid var(--tone,var(--rule));border-radius:4px 4px 8px 8px;padding:1.4rem 1.6rem 1.7rem}
.critical,.high{--tone:var(--alarm)}.medium{--tone:var(--warn)}.low,.informational{--tone:var(--accent)}
.finding.inconclusive{border-top-style:dashed}
.inconclusive .verdict{color:var(--warn)}
.meta{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;align-items:baseline;margin:0 0 .6rem;font-size:.9rem;color:var(--soft)}
.verdict{font-weight:700;color:var(--tone,var(--soft));white-space:nowrap}
.level{color:var(--tone,var(--soft))}
.lead{font-size:1.08rem;margin:.6rem 0 0}
.evidence{list-style:none;margin:0;padding:0;border-top:1px solid var(--rule)}
.evidence>li{border-bottom:1px solid var(--rule)}
.evidence summary,.evidence .line{display:grid;grid-template-columns:1.1rem 4.4rem minmax(0,1fr) fit-content(45%);gap:.1rem .6rem;align-items:baseline;padding:.5rem .25rem .5rem 1.1rem;position:relative}
.evidence summary{cursor:pointer;list-style:none}
.evidence summary::-webkit-details-marker{display:none}
.evidence summary::before{content:"▸";position:absolute;left:.1rem;top:.5rem;color:var(--soft)}
.evidence details[open]>summary::before{content:"▾"}
.evidence summary:hover{background:var(--band)}
.outcome{font-size:.9rem}
.true{color:var(--good)}.false{color:var(--soft)}.unknown{color:var(--warn)}
.name{color:var(--soft);margin-left:.5em}
.places{text-align:right;font-size:.9rem;color:var(--soft)}
.quotes{margin:.1rem 0 .9rem 1.1rem}
.note{margin:.1rem 0 .6rem 1.1rem;padding:.1rem 0 .1rem .8rem;border-left:3px solid var(--rule);color:var(--soft);font-size:.93rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:baseline;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--rule)}
th code,td code{overflow-wrap:break-word}
th{font-weight:600;color:var(--soft)}
tbody th{font-weight:400;color:var(--ink)}
tr:last-child>*{border-bottom:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.quotes table{margin-bottom:.4rem}
.quotes caption{text-align:left;font-weight:600;color:var(--soft);padding:.1rem 0}
.quotes td,.quotes tbody th{padding-top:.15rem;padding-bottom:.15rem;border-bottom:0}
.quotes tbody th{width:1%;white-space:nowrap;color:var(--soft);font-variant-numeric:tabular-nums}
.quotes td{font-family:var(--mono);font-size:.84em;overflow-wrap:anywhere}
.unseen-text{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
figure{margin:1.6rem 0 0}
figcaption{margin:0 0 .6rem;font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;list-style:none;margin:.5rem 0 0;padding:0;font-size:.88rem;color:var(--soft)}
.legend svg{vertical-align:-.15em;margin-right:.45em}
figure details{margin-top:.6rem;font-size:.93rem}
figure summary{cursor:pointer;color:var(--accent)}
.fixes{margin:0;padding-left:1.3rem}
.fixes li{margin:.25rem 0}
.fact{display:inline-block;margin:.1rem .5rem .1rem 0;padding:0 .45em;border-radius:3px;background:var(--band);font-family:var(--mono);font-size:.84em;overflow-wrap:anywhere}
pre{margin:.35rem 0;padding:.6rem .8rem;background:var(--band);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere}
.notice,.competing{padding:.9rem 1.2rem;border-left:4px solid var(--warn);background:var(--band);border-radius:0 6px 6px 0}
.notice h2,.competing h2{font-size:1.1rem}
.notice ul{margin:.4rem 0 0;padding-left:1.2rem}
@media (max-width:44rem){
h2{font-size:1.25rem}
.finding{padding:1.1rem 1rem 1.3rem}
.glance li{grid-template-columns:1fr auto}.glance a{grid-column:1/-1;grid-row:2}
.evidence summary,.evidence .line{grid-template-columns:1.1rem minmax(0,1fr)}
.evidence .about,.places{grid-column:2;text-align:left}
.name{margin-left:0;display:block}
.quotes,.note{margin-left:0}
.scroll>table{min-width:34rem}
.quotes tr,.quotes tbody th,.quotes td{display:block;width:auto}
}
@media print{
.finding{border-left:0;border-right:0;border-bottom:0;padding:1rem 0;border-radius:0}
h2,h3,.evidence summary{break-after:avoid}tr,figure,.evidence>li{break-inside:avoid}
.evidence details::details-content{content-visibility:visible;block-size:auto}
}${LADDER_STYLE}`;

/** Style sheet of the report as a page of its own. */
export const STYLE = `${TOKENS}${PAGE}${PARTS_STYLE}
`;
