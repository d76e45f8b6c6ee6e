"""What is run inside the page. Each is one JavaScript function for Playwright's `evaluate`."""

SIZE = """() => {
  const root = document.scrollingElement || document.documentElement;
  return {
    width: Math.max(root.scrollWidth, innerWidth),
    height: Math.max(root.scrollHeight, document.body ? document.body.scrollHeight : 0, innerHeight),
    window: innerHeight,
  };
}"""

_LIVE = """document.getAnimations().length > 0 || Boolean(document.querySelector(
  'script, iframe, frame, object, embed, [onload], [onerror], [onscroll]'))"""

MAY_CHANGE = f"() => {_LIVE} || Boolean(document.querySelector('[loading]'))"

SCROLL = f"""async ([steps, pause]) => {{
  // Down in steps, so that what loads when it comes into view is loaded, and up again; no pause: one step a frame. Where nothing
  // but the browser waits for that, it is told not to.
  const late = [...document.querySelectorAll('img[loading=lazy i]')];
  for (const image of late) image.loading = 'eager';
  if (!pause && !({_LIVE})) {{
    const loaded = Promise.all(late.map((image) => image.decode().catch(() => null)));
    await Promise.race([loaded, new Promise((done) => setTimeout(done, 1000))]);
    return;
  }}
  const root = document.scrollingElement || document.documentElement;
  if (!pause && root.scrollHeight < innerHeight + 2) return;
  const wait = () => new Promise((done) => {{ setTimeout(done, pause || 40); pause || requestAnimationFrame(done); }});
  for (let step = 1; step <= steps && scrollY + innerHeight < root.scrollHeight - 2; step++) {{
    scrollTo({{top: step * innerHeight * 0.9, behavior: 'instant'}});
    await wait();
  }}
  scrollTo({{top: 0, left: 0, behavior: 'instant'}});
  await wait();
}}"""

FRAMES = """() => new Promise((done) => {
  setTimeout(done, 100);
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""

UNFOLD = """(most) => {
  // Boxes with a scroll bar made as high as what is in them; whether there were any.
  const folded = [...document.querySelectorAll('body *')].filter((element) => element.clientHeight > 0
    && element.scrollHeight > element.clientHeight + 30 && /auto|scroll/.test(getComputedStyle(element).overflowY));
  for (const element of folded) {
    element.style.setProperty('height', Math.min(element.scrollHeight, most) + 'px', 'important');
    element.style.setProperty('max-height', 'none', 'important');
  }
  return folded.length > 0;
}"""

HIGHER = """(frame, [wanted, spare]) => {
  // A frame made as high as its page, and something more for what a click may open; whether a part of it was out of sight.
  if (frame.clientHeight < 20) return false;
  const low = frame.clientHeight + 30 < wanted;
  frame.style.setProperty('height', Math.max(frame.clientHeight, wanted + spare) + 'px', 'important');
  return low;
}"""

AT = """(points) => {
  // The elements at these points of the page, with the size they have now.
  const found = points.map(([x, y]) => {
    scrollTo(0, Math.max(0, y - innerHeight / 2));
    const element = document.elementFromPoint(x - scrollX, y - scrollY);
    const box = element && element.getBoundingClientRect();
    return box && {element, width: box.width, height: box.height, ground: getComputedStyle(element).backgroundImage};
  });
  scrollTo(0, 0);
  return found;
}"""

_RATIOS = """(found) => {
  // By how much larger the same pictures are now; 0 for what is no picture, may be another one, is covered, or has another shape.
  const ratios = found.map((was) => {
    if (!was) return 0;
    const element = was.element, ground = getComputedStyle(element).backgroundImage;
    const image = ['IMG', 'CANVAS'].includes(element.tagName);
    if (element.srcset || element.parentElement.tagName === 'PICTURE') return 0;
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) return 0;
    element.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = element.getBoundingClientRect();
    if (document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) !== element) return 0;
    const wider = box.width / was.width, higher = box.height / was.height;
    if (image) return Math.abs(wider / higher - 1) < 0.02 ? Math.min(wider, higher) : 0;
    const same = element.tagName === 'IFRAME' || (ground !== 'none' && ground === was.ground);
    return same && Math.abs(wider - 1) + Math.abs(higher - 1) < 0.01 ? 1 : 0;
  });
  scrollTo(0, 0);
  return ratios;
}"""

_AREAS = """(found, margin) => {
  // [x, y, width, height] around those that stand together, CSS pixels of the page; none when one of them is not shown.
  const boxes = found.map((was) => was && was.element.getBoundingClientRect());
  if (boxes.some((box) => !box || box.width < 10 || box.height < 10)) return [];
  const areas = [];
  for (const box of boxes.sort((one, other) => one.y - other.y)) {
    const last = areas.at(-1);
    if (last && box.bottom - last.top < 1500) {
      last.left = Math.min(last.left, box.left);
      last.right = Math.max(last.right, box.right);
      last.bottom = Math.max(last.bottom, box.bottom);
    } else areas.push({left: box.left, top: box.top, right: box.right, bottom: box.bottom});
  }
  return areas.map(({left, top, right, bottom}) => {
    const x = Math.max(0, left + scrollX - margin), y = Math.max(0, top + scrollY - margin);
    return [x, y, Math.min(right + scrollX + margin - x, 2000), Math.min(bottom + scrollY + margin - y, 2000)];
  });
}"""

_PICTURES = """(most) => {
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

PAGE = f"(most) => ({{...({SIZE})(), pictures: ({_PICTURES})(most)}})"
"""In one: every question is a way through Playwright's driver and back."""

PHONE = f"""async (found, margin) => {{
  // After a frame: scripts have been told of the new window.
  await new Promise((done) => {{ setTimeout(done, 100); requestAnimationFrame(done); }});
  return {{...({SIZE})(), areas: ({_AREAS})(found, margin), ratios: ({_RATIOS})(found)}};
}}"""

ICONS = """(pattern) => {
  // Elements that may show a code when pointed at. First what closes a window that covers
  // the page, then what is named like a code, then what stands beside a square picture that is loaded and not shown.
  const hint = new RegExp(pattern, 'i');
  const found = [];  // {element, x, y}
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width >= 8 && box.height >= 8 && box.width <= 400 && box.height <= 200 && box.x + scrollX >= 0
      && (!element.checkVisibility || element.checkVisibility({opacityProperty: true, visibilityProperty: true}));
  };
  const add = (element) => {
    const box = element.getBoundingClientRect();
    const x = box.x + scrollX + box.width / 2, y = box.y + scrollY + box.height / 2;
    if (!found.some((other) => Math.abs(other.x - x) < 12 && Math.abs(other.y - y) < 12)) found.push({element, x, y});
  };
  const named = (element) => ['class', 'id', 'alt', 'title', 'aria-label', 'src', 'onmouseover', 'onclick']
    .map((name) => (element.getAttribute(name) || '').slice(-60)).join(' ');
  const all = [...document.querySelectorAll('a,li,dl,dt,dd,div,span,i,em,b,img,button,svg,p,label,summary,td')].filter(shown);
  for (const element of all) {
    const text = (element.textContent || '').trim();
    if (/^(关闭|[×✕xX])$/.test(text) || (text.length < 5 && /(^|[^a-z])close/i.test(named(element)))) add(element);
  }
  found.length = Math.min(found.length, 2);
  for (const element of all) {
    const text = (element.textContent || '').trim();
    if (hint.test(named(element)) || (text.length <= 14 && hint.test(text))) add(element);
  }
  const square = (image) => image.naturalWidth >= 40 && Math.abs(image.naturalWidth / image.naturalHeight - 1) < 0.3;
  for (const image of [...document.images].filter(square)) {
    const box = image.getBoundingClientRect();
    const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (box.width >= 40 && box.x + scrollX >= 0 && (!middle || middle === image || image.contains(middle))) continue;
    let inner = image;
    for (let up = 0; up < 5 && inner.parentElement && inner !== document.body; up++, inner = inner.parentElement) {
      const beside = [inner.previousElementSibling, inner.nextElementSibling].filter(Boolean);
      const near = [...beside, ...beside.flatMap((element) => [...element.querySelectorAll('*')].slice(0, 6))].filter(shown);
      near.slice(0, 4).forEach(add);
      if (shown(inner.parentElement)) add(inner.parentElement);
    }
  }
  return found.map((one) => one.element);
}"""

HOLD = """() => {
  // A click must show something, not lead away.
  addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a[href], area[href]');
    if (link && !link.getAttribute('href').startsWith('#')) event.preventDefault();
  }, true);
  addEventListener('submit', (event) => event.preventDefault(), true);
  window.open = () => null;
}"""

SCROLL_TO = """(y) => {
  // The height `y` of the window to its middle, where it is out of sight: what floats stays where it is.
  if (y < 0 || y > innerHeight) scrollTo(0, Math.max(0, scrollY + y - innerHeight / 2));
  return [scrollX, scrollY];
}"""

MIDDLE = """(element) => { const box = element.getBoundingClientRect(); return box.y + box.height / 2; }"""

BROKEN = """(most) => {
  // Pictures that arrived and could not be shown: a wall's page instead of a picture, half a picture.
  const broken = [...document.images].filter((image) => image.complete && !image.naturalWidth && image.currentSrc);
  return broken.map((image) => image.currentSrc).slice(0, most);
}"""
