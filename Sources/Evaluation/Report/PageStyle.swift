/// The looks of the page.
enum ReportStyle {
  static let sheet: StaticString = """
    :root{color-scheme:light dark;--page:#fff;--ink:#1b2430;--muted:#56616f;--line:#dfe4ea;--soft:#f5f7f9;--link:#1769aa;--time:#1769aa;--memory:#d97316;--right:#1f7a66;--wrong:#b04a00}
    @media (prefers-color-scheme:dark){:root{--page:#151a21;--ink:#e6eaf0;--muted:#a3adba;--line:#2c343f;--soft:#1c222b;--link:#62aef0;--time:#62aef0;--memory:#f5a35c;--right:#7fd6c2;--wrong:#f5a35c}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
    body{margin:0 auto;max-width:1120px;padding:0 1rem 4rem;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
    h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.2rem);line-height:1.2;margin:2rem 0 1.2rem;letter-spacing:-.01em;text-wrap:balance}
    h2{font-size:1.4rem;line-height:1.25;margin:0 0 1rem;padding-top:2.2rem;border-top:1px solid var(--line)}
    h3{font-size:1.08rem;margin:0 0 .6rem}
    section{margin-top:2.6rem}
    p{max-width:46rem;margin:0 0 1rem}
    a{color:var(--link)}
    .detail{color:var(--muted);font-weight:400;font-size:.86em}
    .reading{color:var(--muted);font-size:.92rem}
    .findings{max-width:52rem;padding-left:1.2rem}
    .findings li{margin-bottom:.5rem}
    .note{border-left:3px solid var(--memory);padding:.1rem 0 .1rem .9rem;margin:.8rem 0}
    nav{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;margin:1.4rem 0 1rem;font-size:.95rem}
    .tiles{list-style:none;margin:0;padding:0;display:grid;gap:.8rem;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr))}
    .tiles li{background:var(--soft);border:1px solid var(--line);border-radius:10px;padding:.9rem 1.1rem;display:flex;flex-direction:column}
    .tiles .what{font-size:.92rem}
    .tiles .big{font-size:2.1rem;font-weight:650;line-height:1.25;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
    .result{margin:0 0 2.4rem}
    .grid{display:grid;gap:1.6rem 2.2rem;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr))}
    table+.result{margin-top:2.2rem}
    section>.grid{margin-bottom:2.2rem}
    figure{margin:0;min-width:0}
    .chart{display:block;width:100%;max-width:28rem;height:auto;overflow:visible}
    table{border-collapse:collapse;width:100%;font-size:.93rem;font-variant-numeric:tabular-nums}
    caption{text-align:left;color:var(--muted);font-size:.86rem;padding-bottom:.45rem}
    th,td{padding:.42rem .6rem;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line)}
    th:first-child,td:first-child{padding-left:0}
    thead th{font-weight:600;font-size:.84rem;color:var(--muted);vertical-align:bottom;line-height:1.3}
    tbody th{font-weight:500}
    caption,tbody th,td:not(.number),h1,h2,h3,summary,.tiles li,.note{overflow-wrap:anywhere}
    .number{text-align:right}
    td.number{white-space:nowrap}
    th:first-child.number{text-align:left}
    details{margin:0 0 .9rem}
    details>summary{cursor:pointer;padding:.3rem 0}
    details[open]>summary{margin-bottom:.7rem}
    .numbers{margin-top:.8rem;font-size:.95rem}
    .result>details>.grid{margin-bottom:.4rem}
    .costs td{width:28%;min-width:6.5rem}
    .bar{display:block;height:5px;margin-top:3px;border-radius:3px;background:var(--line);overflow:hidden}
    .bar span{display:block;height:100%;background:var(--time)}
    .bar.memory span{background:var(--memory)}
    .provenance td{overflow-wrap:anywhere;font-family:ui-monospace,"SFMono-Regular",Consolas,"DejaVu Sans Mono",monospace;font-size:.82rem}
    .provenance th[scope=row]{overflow-wrap:anywhere;width:34%}
    .quotes{columns:20rem;column-gap:.9rem}
    .quote{background:var(--soft);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem;margin:0 0 .9rem;break-inside:avoid}
    .quote blockquote{margin:0 0 .7rem;white-space:pre-line;overflow-wrap:anywhere;unicode-bidi:isolate;font-size:.95rem}
    .quote .detail{white-space:nowrap}
    .quote figcaption{font-size:.88rem;color:var(--muted)}
    .right{color:var(--right)}
    .wrong{color:var(--wrong)}
    @media (min-width:641px){
    .stacked td:not(.number),.stacked tbody th{min-width:5.8rem}
    }
    @media (max-width:640px){
    th,td{padding:.4rem .3rem}
    th{overflow-wrap:anywhere}
    .stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .stacked,.stacked tbody,.stacked tr,.stacked th,.stacked td,.stacked caption{display:block}
    .stacked tr{border-bottom:1px solid var(--line);padding:.5rem 0}
    .stacked tbody th{font-weight:600;border:0;padding:.1rem 0}
    .stacked td,.stacked td.number{display:flex;justify-content:space-between;gap:1rem;text-align:right;white-space:normal;border:0;padding:.08rem 0}
    .stacked td::before{content:attr(data-heading);color:var(--muted);text-align:left;flex:none}
    }
    @media print{
    body{max-width:none;font-size:10.5pt;padding:0}
    nav{display:none}
    details::details-content{content-visibility:visible;block-size:auto}
    figure,.tiles li,.quote,tr{break-inside:avoid}
    h2,h3,summary,section>p{break-after:avoid}
    p{break-inside:avoid}
    section{margin-top:1.2rem}
    .provenance th,.provenance td{padding:.05rem .4rem;font-size:7pt;line-height:1.3}
    }
    """
}
