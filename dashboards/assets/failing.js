// A page that cannot be fetched says so: without this a reader would look at the page before, or at a skeleton, for ever.
(function () {
  const own = window.fetch;
  let told = null;
  const tell = reason => {
    if (told) return;
    told = document.createElement('div');
    told.className = 'fetch-failed';
    told.setAttribute('role', 'alert');
    const words = document.createElement('p'), again = document.createElement('button');
    words.textContent = `This could not be fetched: ${reason}. What you see may not be what you asked for.`;
    Object.assign(again, {type: 'button', className: 'act', textContent: 'Try again', onclick: () => location.reload()});
    told.append(words, again);
    document.body.append(told);
  };
  const clear = () => { if (told) { told.remove(); told = null; } };
  window.fetch = async function (asked, ...rest) {
    const url = String(asked && asked.url || asked), ours = url.includes('_dash-update-component') || url.includes('_dash-layout');
    try {
      const answer = await own.call(this, asked, ...rest);
      if (ours) { if (answer.status >= 500) tell('the server has a fault'); else clear(); }
      return answer;
    } catch (error) {
      if (ours && error.name !== 'AbortError') tell('the server does not answer');
      throw error;
    }
  };
})();
