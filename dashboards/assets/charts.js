// The tools under a chart: a picture of it with its source line and birth certificate, and a link to it. The picture is
// drawn here from the chart on the page, so it holds no figure that the page does not; nothing is sent anywhere.
(function () {
  const FONT = "Inter, 'Helvetica Neue', Arial, sans-serif", PAD = 28, SCALE = 2, LEAST = 720;
  const words = node => {
    if (!node) return '';
    const copy = node.cloneNode(true);
    copy.querySelectorAll('.term-tip, .vh').forEach(hidden => hidden.remove());
    return copy.textContent.replace(/\s+/g, ' ').trim();
  };

  // An SVG used as a picture sees no style sheet: the typeface goes into it.
  let face;
  const typeface = () => face || (face = fetch('/assets/fonts/inter-latin-wght-normal.woff2').then(got => got.blob()).then(blob => new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(`<style>@font-face{font-family:"Inter";font-weight:100 900;src:url(${reader.result})}</style>`);
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  })).catch(() => ''));

  const asImage = url => new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error('the chart could not be drawn'));
    image.src = url;
  });

  const drawn = async (graph, width, height) => {
    const uri = await Plotly.toImage(graph, {format: 'svg', width, height});
    const svg = decodeURIComponent(uri.slice(uri.indexOf(',') + 1)).replace(/(<svg[^>]*>)/, `$1${await typeface()}`);
    const url = URL.createObjectURL(new Blob([svg], {type: 'image/svg+xml'}));
    try { return await asImage(url); } finally { URL.revokeObjectURL(url); }
  };

  const lines = (pen, text, width) => {
    const found = [];
    let line = '';
    text.split(' ').forEach(word => {
      const longer = line ? `${line} ${word}` : word;
      if (line && pen.measureText(longer).width > width) { found.push(line); line = word; } else line = longer;
    });
    return line ? [...found, line] : found;
  };

  // What is written around the chart: [text, size, weight, colour, space after], above it and below it.
  const written = figure => {
    const style = getComputedStyle(document.documentElement), ink = style.getPropertyValue('--ink').trim(), muted = style.getPropertyValue('--muted').trim();
    const above = [[words(figure.querySelector('h2')), 21, 700, ink, 4], [words(figure.querySelector('.sub')), 14, 400, muted, 12]];
    const below = [...figure.querySelectorAll('figcaption p')].map(line => [words(line), 13, 400, ink, 4]);
    below.push(['Birth certificate', 13, 700, ink, 4]);
    figure.querySelectorAll('details.made dt').forEach(term => {
      const items = [...term.nextElementSibling.querySelectorAll('li')].map(words);
      below.push([`${words(term)}: ${items.length ? items.join('; ') : words(term.nextElementSibling)}`, 12, 400, muted, 2]);
    });
    below.push([`${location.origin}${location.pathname}${location.search}`, 12, 400, muted, 0]);
    return {above, below, ground: style.getPropertyValue('--card').trim(), ink};
  };

  const put = (pen, rows, at, width, paint) => rows.reduce((top, [text, size, weight, colour, after]) => {
    pen.font = `${weight} ${size}px ${FONT}`;
    pen.fillStyle = colour;
    const height = Math.round(size * 1.4);
    const wrapped = lines(pen, text, width);
    if (paint) wrapped.forEach((line, index) => pen.fillText(line, PAD, top + height * (index + 1) - size * .35));
    return top + wrapped.length * height + after;
  }, at);

  const putKey = (pen, figure, at, ink, paint) => {
    const entries = [...figure.querySelectorAll('.key li')];
    if (!entries.length) return at;
    pen.font = `400 13px ${FONT}`;
    let x = PAD;
    entries.forEach(entry => {
      const text = words(entry);
      if (paint) {
        pen.fillStyle = getComputedStyle(entry.querySelector('i')).backgroundColor; pen.fillRect(x, at + 3, 12, 12);
        pen.fillStyle = ink; pen.fillText(text, x + 18, at + 13);
      }
      x += 40 + pen.measureText(text).width;
    });
    return at + 28;
  };

  const picture = async figure => {
    const graph = figure.querySelector('.js-plotly-plot');
    const width = Math.max(LEAST, graph.offsetWidth), height = graph._fullLayout.height;
    const chart = await drawn(graph, width, height);
    await document.fonts.ready;
    const canvas = document.createElement('canvas'), pen = canvas.getContext('2d'), {above, below, ground, ink} = written(figure);
    const lay = paint => {
      let at = putKey(pen, figure, put(pen, above, PAD, width, paint), ink, paint);
      if (paint) pen.drawImage(chart, PAD, at, width, height);
      return put(pen, below, at + height + 14, width, paint);
    };
    const whole = lay(false) + PAD;
    canvas.width = (width + 2 * PAD) * SCALE;
    canvas.height = whole * SCALE;
    pen.scale(SCALE, SCALE);
    pen.fillStyle = ground;
    pen.fillRect(0, 0, width + 2 * PAD, whole);
    lay(true);
    return new Promise((done, failed) => canvas.toBlob(blob => blob ? done(blob) : failed(new Error('the picture is too large')), 'image/png'));
  };

  const save = (blob, name) => {
    const link = document.createElement('a'), url = URL.createObjectURL(blob);
    Object.assign(link, {href: url, download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  const acts = {
    'save-image': async figure => {
      save(await picture(figure), `${figure.id.replace(/-figure$/, '')}.png`);
      return 'Saved, with its source and birth certificate.';
    },
    'copy-image': async figure => {
      if (!navigator.clipboard || !window.ClipboardItem) throw new Error('this browser does not let a page copy pictures: save it instead');
      await navigator.clipboard.write([new ClipboardItem({'image/png': picture(figure)})]);
      return 'Copied as an image, with its source and birth certificate.';
    },
    'copy-link': async figure => {
      const link = `${location.origin}${location.pathname}${location.search}#${figure.id}`;
      if (!navigator.clipboard) return `The link: ${link}`;
      await navigator.clipboard.writeText(link);
      return 'Link copied. Whoever opens it sees this chart, with these filters.';
    },
  };

  document.addEventListener('click', async event => {
    const button = event.target.closest('.act[data-act]'), act = button && acts[button.dataset.act];
    if (!act) return;
    const figure = button.closest('figure'), said = figure.querySelector('.share-said');
    said.textContent = 'One moment.';
    try { said.textContent = await act(figure); } catch (error) { said.textContent = `That did not work: ${error.message}.`; }
  });

  // A link to one chart: shown when it has been drawn, with the focus on its heading.
  let arrived = '';
  const arrive = () => {
    const asked = location.hash.slice(1), figure = asked.endsWith('-figure') && document.getElementById(asked);
    const here = location.pathname + location.hash;  // a filter changes the query only: nobody is moved then
    if (!figure || arrived === here || !figure.querySelector('.main-svg')) return;
    arrived = here;
    const heading = figure.querySelector('h2');
    heading.setAttribute('tabindex', '-1');
    heading.focus({preventScroll: true});
    figure.scrollIntoView({block: 'start'});
  };
  new MutationObserver(arrive).observe(document, {subtree: true, childList: true});
  window.addEventListener('hashchange', arrive);
})();

// Words of the glossary: shown by hover and focus (app.css), closed by Escape until pointed at or focused anew, and kept
// inside the window.
(function () {
  const place = term => {
    const tip = term.querySelector('.term-tip');
    tip.style.marginLeft = '0px';
    const box = tip.getBoundingClientRect(), room = document.documentElement.clientWidth - 8;
    tip.style.marginLeft = `${Math.min(0, room - box.right) || Math.max(0, 8 - box.left)}px`;
  };
  const show = event => {
    const term = event.target.closest && event.target.closest('.term');
    if (term) place(term);
  };
  const back = event => {
    const term = event.target.closest && event.target.closest('.term');
    if (term && !term.contains(event.relatedTarget)) term.classList.remove('dismissed');
  };
  document.addEventListener('pointerover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('pointerout', back);
  document.addEventListener('focusout', back);
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    const open = [...document.querySelectorAll('.term:hover, .term:focus-within')].filter(term => !term.classList.contains('dismissed'));
    open.forEach(term => term.classList.add('dismissed'));
    if (open.length) event.stopImmediatePropagation();  // Escape closes the innermost thing, and only that
  }, true);
})();
