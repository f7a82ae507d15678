// Route changes: move focus to the new page's h1, so that screen readers announce it. Print: fit charts to the paper.
(function () {
  let last = location.pathname, held = null;
  // A filter draws the page anew: the control that was used keeps the focus, so that a keyboard user stays in place.
  document.addEventListener('focusin', event => { held = event.target.closest('main') && event.target.id || null; });
  document.addEventListener('pointerdown', event => { if (!event.target.closest('main, [role=listbox]')) held = null; });
  const keep = () => {
    if (!held || document.activeElement !== document.body) return;
    const control = document.getElementById(held);
    if (control) control.focus({preventScroll: true});
  };
  const settle = () => {
    if (location.pathname === last) { keep(); return; }
    const h1 = document.querySelector('main h1');
    if (!h1 || h1.dataset.path !== location.pathname) return;
    last = location.pathname; held = null;
    h1.setAttribute('tabindex', '-1');
    h1.focus({preventScroll: true});
    window.scrollTo(0, 0);
  };
  new MutationObserver(settle).observe(document, {subtree: true, childList: true});
  // Paper is narrower than a window and Plotly does not follow it: draw charts for A4, and wide ones smaller, then undo.
  const paper = 640, all = draw => window.Plotly && document.querySelectorAll('.js-plotly-plot').forEach(draw);
  // Each sheet of paper says at its foot where it is from, which snapshot it shows, and when it was printed.
  const foot = document.createElement('style');
  document.head.append(foot);
  const quoted = text => `"${text.replace(/[\\"]/g, '\\$&').replace(/[\n\r\f]/g, ' ')}"`;
  const sign = () => {
    const snapshot = document.getElementById('page-snapshot-text'), day = new Date().toLocaleDateString('en-GB', {day: 'numeric', month: 'long', year: 'numeric'});
    const parts = [decodeURI(location.origin + location.pathname + location.search), snapshot && snapshot.textContent, `printed ${day}`].filter(Boolean);
    foot.textContent = `@page { @bottom-left { content: ${quoted(parts.join('  ·  '))}; font: 7.5pt Inter, Arial, sans-serif; color: #484c50; width: 85%; } }`;
  };
  const LOW = {line: 215, columns: 225, balance: 240, curves: 260, 'funnel plot': 300}, lowered = new Map();
  window.addEventListener('beforeprint', sign);
  window.addEventListener('beforeprint', () => all(graph => {
    if (graph.closest('.spark')) { Plotly.relayout(graph, {autosize: false, width: 150}); return; }
    const plot = graph.closest('.plot');
    // A flow diagram moves into place when it is drawn anew, too late for the printer: it is only made smaller.
    const still = graph.data.some(trace => trace.type === 'sankey');
    const width = still ? graph.offsetWidth : Math.max(paper, parseInt(plot.style.minWidth) || 0);
    Object.assign(plot.style, {width: `${width}px`, zoom: paper / width});
    // Charts whose height means nothing are made lower, so that two of them share a sheet.
    const low = LOW[(graph.layout.meta || {}).form];
    if (low && graph._fullLayout.height > low) { lowered.set(graph, graph._fullLayout.height); plot.firstElementChild.style.height = plot.style.minHeight = `${low}px`; }
    if (!still) Plotly.relayout(graph, {autosize: false, width, ...(lowered.has(graph) ? {height: low} : {})});
  }));
  window.addEventListener('afterprint', () => all(graph => {
    const plot = graph.closest('.plot');
    if (plot) Object.assign(plot.style, {width: '', zoom: ''});
    const height = lowered.get(graph);
    if (height) { plot.firstElementChild.style.height = plot.style.minHeight = `${height}px`; lowered.delete(graph); }
    if (graph._fullLayout.autosize === false) Plotly.relayout(graph, {autosize: true, width: null, ...(height ? {height} : {})}).then(() => Plotly.Plots.resize(graph));
  }));
})();

// Mantine's select is a text box that opens a list; tell assistive technology that it is a combobox, open or closed.
(function () {
  const put = (node, name, value) => { if (node.getAttribute(name) !== value) node.setAttribute(name, value); };
  const tell = () => document.querySelectorAll('input[aria-haspopup="listbox"]').forEach(input => {
    put(input, 'role', 'combobox');
    put(input, 'aria-expanded', String(input.hasAttribute('aria-controls')));
  });
  new MutationObserver(tell).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['aria-controls']});
})();

// Mantine writes the colour scheme on <html>. The server reads it from a cookie (first paint has the right chart
// colours), and a store redraws the page when it changes.
(function () {
  const root = document.documentElement;
  const push = scheme => {
    const ready = window.dash_clientside && dash_clientside.set_props && document.querySelector('main h1');
    if (ready) dash_clientside.set_props('shell-scheme-store', {data: scheme}); else setTimeout(() => push(scheme), 60);
  };
  const tell = () => {
    const scheme = root.dataset.mantineColorScheme;
    if (scheme !== 'light' && scheme !== 'dark') return;
    const was = (document.cookie.match(/(?:^|; )scheme=(\w+)/) || [])[1] || 'light';
    if (was === scheme) return;
    document.cookie = `scheme=${scheme}; path=/; max-age=31536000; SameSite=Lax`;
    push(scheme);
  };
  new MutationObserver(tell).observe(root, {attributes: true, attributeFilter: ['data-mantine-color-scheme']});
  tell();
})();

// plotly.js 4 offers to upload charts to a cloud service: switched off for every chart, whatever its own settings say.
(function () {
  const off = plotly => { if (plotly && plotly.setPlotConfig) plotly.setPlotConfig({showSendToCloud: false, displaylogo: false, displayModeBar: false}); };
  let held;
  if (window.Plotly) { off(window.Plotly); return; }
  Object.defineProperty(window, 'Plotly', {configurable: true, get: () => held, set: value => { held = value; off(value); }});
})();
