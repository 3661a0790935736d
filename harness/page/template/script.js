// Comfort only: the page says all it has to say without this. It sorts the tables of variants, folds and
// unfolds all time series, filters by factors where there are many variants, and copies the JSON pointer
// of a number.
(() => {
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // The value of a row in a column: a number, a text, or null for what is not known.
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const number = cell.querySelector('data');
    return number ? Number(number.value) : column === 0 ? cell.textContent.trim() : null;
  };

  const sortBy = (table, column, descending) => {
    const rows = [...table.querySelectorAll('tbody tr:not(.group)')];
    const compare = (a, b) => {
      const [x, y] = [valueOf(a, column), valueOf(b, column)];
      if (x === null || y === null) return (x === null) - (y === null);
      return (x > y ? 1 : x < y ? -1 : 0) * (descending ? -1 : 1);
    };
    for (const title of table.querySelectorAll('tr.group')) title.hidden = true;
    table.classList.add('sorted');
    rows.sort(compare).forEach(row => table.tBodies[0].append(row));
  };

  for (const table of document.querySelectorAll('table.cells')) {
    const heads = table.querySelectorAll('th[data-s]');
    for (const head of heads) {
      const button = make('button', {type: 'button'}, ...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const descending = head.getAttribute('aria-sort') !== 'descending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        const column = head.rowSpan > 1 ? 0 : [...head.parentNode.children].indexOf(head) + 1;
        sortBy(table, column, descending);
      });
    }
  }

  for (const section of document.querySelectorAll('.over-time')) {
    const series = [...section.querySelectorAll('details')];
    if (series.length < 2) continue;
    const button = make('button', {type: 'button', textContent: 'Unfold all'});
    button.addEventListener('click', () => {
      const unfold = series.some(each => !each.open);
      for (const each of series) each.open = unfold;
      button.textContent = unfold ? 'Fold all' : 'Unfold all';
    });
    section.querySelector('details').before(make('div', {className: 'tools'}, button));
  }

  // A row belongs to the variants whose numbers it names; it is shown while all of them are.
  const filter = (article, choices) => {
    const shown = new Set();
    for (const row of article.querySelectorAll('tr[data-factors]')) {
      const factors = row.dataset.factors.split('|');
      if (choices.every(choice => !choice.value || factors.includes(choice.value))) shown.add(row.dataset.cells);
    }
    for (const each of article.querySelectorAll('[data-cells]')) {
      each.hidden = !each.dataset.cells.trim().split(/\s+/).every(cell => shown.has(cell));
    }
    for (const title of article.querySelectorAll('tr.group')) {
      title.hidden = ![...title.parentNode.rows].some(row => row !== title && !row.hidden);
    }
  };

  const most = 8; // variants without a filter
  for (const article of document.querySelectorAll('article')) {
    const rows = [...article.querySelectorAll('tr[data-factors]')];
    if (rows.length <= most) continue;
    const values = new Map();
    for (const factor of rows.flatMap(row => row.dataset.factors.split('|'))) {
      const axis = factor.slice(0, factor.indexOf('='));
      values.set(axis, (values.get(axis) ?? new Set()).add(factor));
    }
    const choices = [];
    const tools = make('div', {className: 'tools'}, 'Show:');
    for (const [axis, factors] of values) {
      const choice = make('select', {}, new Option('all', ''));
      for (const factor of factors) choice.add(new Option(factor.slice(axis.length + 1), factor));
      choice.addEventListener('change', () => filter(article, choices));
      choices.push(choice);
      tools.append(make('label', {}, axis, choice));
    }
    article.querySelector('nav').after(tools);
  }

  const toast = document.getElementById('toast');
  let hide;
  const say = text => {
    toast.textContent = text;
    toast.className = 'on';
    clearTimeout(hide);
    hide = setTimeout(() => { toast.className = ''; }, 2500);
  };
  document.addEventListener('click', event => {
    const number = event.target.closest('data[title]');
    if (!number) return;
    const copied = navigator.clipboard?.writeText(number.title) ?? Promise.reject();
    copied.then(() => say(number.title + ' copied'), () => say(number.title));
  });
})();
