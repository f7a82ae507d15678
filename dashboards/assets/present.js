// Presentation for a workshop: one chart at a time, large. Its state is the URL's fragment (#present=<chart>), so a link
// opens it; arrow keys, Page Up and Page Down, Home and End move, Escape leaves.
(function () {
  const MARK = '#present=', root = document.documentElement, MOST = 1.7;
  const charts = () => [...document.querySelectorAll('main figure.fig')].filter(figure => figure.querySelector('.js-plotly-plot'));
  const asked = () => location.hash.startsWith(MARK) ? decodeURIComponent(location.hash.slice(MARK.length)) : '';
  let shown = null, came = null, still = [];

  const bar = document.createElement('div');
  bar.className = 'present-bar';
  bar.hidden = true;
  bar.setAttribute('role', 'region');
  bar.setAttribute('aria-label', 'Presentation');
  bar.innerHTML = '<button type="button" data-go="-1">Previous</button><p role="status"></p><button type="button" data-go="1">Next</button><button type="button" data-go="leave">Leave</button>';
  document.addEventListener('DOMContentLoaded', () => document.body.append(bar));
  if (document.body) document.body.append(bar);

  // Everything but the chart and the bar is out of reach for keyboard and screen reader while the chart covers it.
  const cover = figure => {
    for (let node = figure; node !== document.body; node = node.parentElement) {
      [...node.parentElement.children].filter(other => other !== node && other !== bar && !other.inert && other.tagName !== 'SCRIPT').forEach(other => { other.inert = true; still.push(other); });
    }
  };
  const uncover = () => { still.forEach(node => { node.inert = false; }); still = []; };

  // Scaled, not zoomed: Plotly undoes a scale when it looks up what the pointer is on.
  const enlarge = figure => {
    const plot = figure.querySelector('.plot'), graph = plot.querySelector('.js-plotly-plot'), frame = plot.parentElement;
    const room = frame.clientWidth, least = parseInt(plot.style.minWidth) || 360, tall = graph._fullLayout.height;
    const taken = [...figure.children].filter(part => part !== frame).reduce((sum, part) => sum + part.offsetHeight, 0);
    const size = Math.max(1, Math.min(MOST, (window.innerHeight - taken - 150) / tall, room / least));
    const width = Math.max(least, Math.floor(room / size));
    Object.assign(plot.style, {transform: size > 1 ? `scale(${size})` : '', transformOrigin: '0 0', width: `${width}px`});
    Object.assign(frame.style, {height: `${Math.ceil(tall * size)}px`, overflowY: 'hidden', overflowX: size > 1 ? 'hidden' : ''});
    Plotly.relayout(graph, {autosize: false, width, height: tall});
  };
  const restore = figure => {
    const plot = figure.querySelector('.plot'), graph = plot && plot.querySelector('.js-plotly-plot');
    if (!graph || !graph._fullLayout) return;
    Object.assign(plot.style, {transform: '', transformOrigin: '', width: ''});
    Object.assign(plot.parentElement.style, {height: '', overflowY: '', overflowX: ''});
    Plotly.relayout(graph, {autosize: true, width: null}).then(() => Plotly.Plots.resize(graph));
  };

  const hide = () => {
    if (!shown) return;
    shown.classList.remove('shown');
    restore(shown);
    uncover();
    shown = null;
  };
  const leave = () => {
    hide();
    root.classList.remove('presenting');
    bar.hidden = true;
    if (came && came.isConnected) came.focus(); else { const h1 = document.querySelector('main h1'); if (h1) { h1.setAttribute('tabindex', '-1'); h1.focus(); } }
    came = null;
  };
  const show = figure => {
    hide();
    const all = charts(), place = all.indexOf(figure), heading = figure.querySelector('h2');
    root.classList.add('presenting');
    figure.querySelectorAll('details[open]').forEach(panel => { panel.open = false; });
    figure.classList.add('shown');
    shown = figure;
    bar.hidden = false;
    bar.querySelector('p').textContent = `${document.querySelector('main h1').textContent} Chart ${place + 1} of ${all.length}`;
    bar.querySelector('[data-go="-1"]').disabled = place === 0;
    bar.querySelector('[data-go="1"]').disabled = place === all.length - 1;
    cover(figure);
    requestAnimationFrame(() => { if (shown === figure) enlarge(figure); });
    heading.setAttribute('tabindex', '-1');
    heading.focus({preventScroll: true});
    figure.scrollTop = 0;
  };
  const follow = () => {
    const name = asked();
    if (!name) { if (root.classList.contains('presenting')) leave(); return; }
    const figure = name === 'all' ? charts()[0] : document.getElementById(name);
    if (!figure || !figure.querySelector('.main-svg') || figure === shown) return;
    show(figure);
  };
  const go = step => {
    const all = charts(), at = all.indexOf(shown);
    const to = step === 'first' ? 0 : step === 'last' ? all.length - 1 : Math.min(Math.max(at + step, 0), all.length - 1);
    if (all[to] && all[to] !== shown) { history.replaceState(history.state, '', `${MARK}${all[to].id}`); follow(); }
  };
  const end = () => { history.replaceState(history.state, '', location.pathname + location.search); follow(); };

  document.addEventListener('click', event => {
    const start = event.target.closest('[data-act="present"]'), move = event.target.closest('.present-bar button');
    if (start) { came = start; const figure = start.closest('figure'); location.hash = `${MARK}${figure ? figure.id : 'all'}`; }
    if (move) { if (move.dataset.go === 'leave') end(); else go(Number(move.dataset.go)); }
  });
  document.addEventListener('keydown', event => {
    if (!root.classList.contains('presenting') || event.ctrlKey || event.altKey || event.metaKey) return;
    const own = event.target.closest('input, .tbl-wrap, .wide-chart') && event.key.startsWith('Arrow');  // those scroll by arrows
    const keys = {ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1, Home: 'first', End: 'last'};
    if (event.key === 'Escape') { event.preventDefault(); end(); } else if (event.key in keys && !own) { event.preventDefault(); go(keys[event.key]); }
  });
  window.addEventListener('hashchange', follow);
  window.addEventListener('resize', () => { if (shown) enlarge(shown); });
  new MutationObserver(() => { if (asked() || shown) { if (shown && !shown.isConnected) { shown = null; uncover(); } follow(); } }).observe(document, {subtree: true, childList: true});
})();
