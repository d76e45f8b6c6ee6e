"""What is run inside the page. Each is one JavaScript function for Playwright's `evaluate`."""

SIZE = """() => {
  const root = document.scrollingElement || document.documentElement;
  const body = document.body;
  return {
    width: Math.max(root.scrollWidth, innerWidth),
    height: Math.max(root.scrollHeight, body ? body.scrollHeight : 0, innerHeight),
    layout: visualViewport ? Math.round(innerWidth * visualViewport.scale) / visualViewport.scale : innerWidth,
    scale: visualViewport ? visualViewport.scale : 1,
  };
}"""

SCROLL = """async ([steps, pause]) => {
  // Down in steps, so that what loads when it comes into view is loaded, and up again.
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const root = document.scrollingElement || document.documentElement;
  for (let step = 1; step <= steps; step++) {
    scrollTo(0, step * innerHeight * 0.9);
    await wait(pause);
    if (scrollY + innerHeight >= root.scrollHeight - 2) break;
  }
  scrollTo(0, 0);
  await wait(pause);
}"""

PICTURES = """(most) => {
  // Where something is drawn that may be a code: [x, y, width, height] in CSS pixels of the page.
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const name = element.tagName.toUpperCase();
    const drawn = ['IMG', 'CANVAS', 'SVG', 'OBJECT', 'EMBED', 'IFRAME', 'TABLE', 'INPUT'].includes(name);
    const box = element.getBoundingClientRect();
    if (box.width < 40 || box.height < 40 || box.width > 900 || box.height > 900) continue;
    if (name !== 'IFRAME' && (box.width / box.height > 2.5 || box.height / box.width > 2.5)) continue;
    if (!drawn && getComputedStyle(element).backgroundImage === 'none') continue;
    if (element.checkVisibility && !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    found.push([box.x + scrollX, box.y + scrollY, box.width, box.height]);
    if (found.length >= most) break;
  }
  return found;
}"""

ICONS = """([pattern, most]) => {
  // Elements that may show a code when pointed at: centre in CSS pixels of the page, innermost first.
  const hint = new RegExp(pattern, 'i');
  const found = [];
  for (const element of document.querySelectorAll('a,li,dl,dt,dd,div,span,i,em,img,button,svg,p')) {
    const box = element.getBoundingClientRect();
    if (box.width < 8 || box.height < 8 || box.width > 400 || box.height > 200) continue;
    if (element.checkVisibility && !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const own = ['class', 'id', 'alt', 'title', 'aria-label', 'src', 'onmouseover', 'onclick']
      .map((name) => (element.getAttribute(name) || '').slice(-60)).join(' ');
    const text = (element.textContent || '').trim();
    if (!hint.test(own) && !(text.length <= 14 && hint.test(text))) continue;
    const x = box.x + scrollX + box.width / 2, y = box.y + scrollY + box.height / 2;
    const near = found.findIndex((other) => Math.abs(other.x - x) < 12 && Math.abs(other.y - y) < 12);
    if (near >= 0) continue;
    found.push({x, y});
  }
  return found.slice(0, most);
}"""

HOLD = """() => {
  // A click must show something, not lead away.
  addEventListener('click', (event) => event.preventDefault(), true);
  addEventListener('submit', (event) => event.preventDefault(), true);
  window.open = () => null;
}"""

INTO_VIEW = """(y) => { scrollTo(0, Math.max(0, y - innerHeight / 2)); return [scrollX, scrollY]; }"""

BROKEN = """(most) => {
  // Pictures that arrived and could not be shown: a wall's page instead of a picture, half a picture.
  const broken = [...document.images].filter((image) => image.complete && !image.naturalWidth && image.currentSrc);
  return broken.map((image) => image.currentSrc).slice(0, most);
}"""
