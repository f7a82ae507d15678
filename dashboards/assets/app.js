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
  const fit = () => document.querySelectorAll('.js-plotly-plot').forEach(g => { if (g.offsetParent && window.Plotly) Plotly.Plots.resize(g); });
  window.matchMedia('print').addEventListener('change', fit);
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
